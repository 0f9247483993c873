import {
  type CallHandler,
  type CanActivate,
  Controller,
  type ExecutionContext,
  type NestInterceptor,
  ParseIntPipe,
  Scope,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, Payload, RmqContext } from '@nestjs/microservices';
import {
  messageOf,
  RabbitClient,
  RabbitStrategy,
  type StrategyOptions,
} from '@tradepost/messaging/nest';
import { eventually, TestBroker } from '@tradepost/test-kit';
import { concat, mergeMap, type Observable, of, throwError } from 'rxjs';
import { ask, emit, NestParts } from './stock-nest';

let broker: TestBroker;
const parts = new NestParts();
let heard: unknown[] = [];
let speaker: RabbitClient | undefined;

class Owned implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return 'owner' in context.switchToRpc().getData<object>();
  }
}

/** Names what is answered, and is done later than its handler. */
class Named implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler<string>): Observable<string> {
    const pattern = context.switchToRpc().getContext<RmqContext>().getPattern();
    return next.handle().pipe(mergeMap(async (answer) => `${pattern}: ${answer}`));
  }
}

/** What comes of an event after its handler has returned. */
class Failing implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    return concat(
      next.handle(),
      throwError(() => new RangeError('of the interceptor')),
    );
  }
}

@Controller()
class Dogs {
  @UseGuards(Owned)
  @EventPattern('dog-walked')
  walked(@Payload() dog: object): void {
    heard.push(dog);
  }

  @UseGuards(Owned)
  @UseInterceptors(Named)
  @MessagePattern('dog-called')
  called(@Payload('age', ParseIntPipe) age: number): string {
    return `woof at ${age}`;
  }

  @UseInterceptors(Failing)
  @EventPattern('dog-lost')
  lost(@Payload() dog: object): void {
    heard.push(dog);
  }

  @EventPattern('dog-fed')
  fed(): void {
    heard.push('one of two');
  }

  @EventPattern('dog-ill', undefined, { retry: ['1s'] })
  ill(@Ctx() context: RmqContext): void {
    const { attempt, attemptsMax, isLastAttempt } = messageOf(context);
    heard.push({ attempt, attemptsMax, isLastAttempt });
    throw new Error('atishoo');
  }

  @MessagePattern('dog-counted')
  counted(@Payload() count: number): unknown {
    return count < 0 ? of('first', 1n) : BigInt(count);
  }
}

/** One for each message. */
@Controller({ scope: Scope.REQUEST })
class EachDog {
  private count = 0;

  @EventPattern('dog-fed')
  fed(): void {
    heard.push('two of two');
    if (heard.length === 2) throw new Error('not hungry');
  }

  @MessagePattern('dog-alone')
  alone(): number {
    this.count += 1;
    return this.count;
  }
}

@Controller()
class Speaking {
  @EventPattern('dog-heard')
  async heard(): Promise<void> {
    if (speaker) await emit(speaker, 'dog-answered', {});
  }
}

beforeAll(async () => {
  broker = await TestBroker.create();
});
afterAll(() => broker.close());
beforeEach(() => {
  heard = [];
});
afterEach(() => parts.close());

async function serve(queue: string, options: Partial<StrategyOptions> = {}) {
  const strategy = new RabbitStrategy({ urls: [broker.amqpUrl], queue, retry: [], ...options });
  await parts.listen({ strategy }, Dogs, EachDog, Speaking);
  return { strategy, client: await parts.stockClient({ urls: [broker.amqpUrl], queue }) };
}

const reasons = async (queue: string) =>
  (await broker.deadLetters(queue)).map(({ headers }) => headers['x-error-message']);

it('a guard keeps events and questions from their handlers', async () => {
  const { client } = await serve('guarded');
  await emit(client, 'dog-walked', { name: 'Rex' });
  await emit(client, 'dog-walked', { name: 'Max', owner: 'Ann' });
  const forbidden = { status: 'error', message: 'Forbidden resource' };
  expect(await ask(client, 'dog-called', { age: '3' })).toEqual(forbidden);
  await eventually(async () => expect(await reasons('guarded')).toEqual(['Forbidden resource']));
  expect(heard).toEqual([{ name: 'Max', owner: 'Ann' }]);
});

it('an interceptor has the last word on an answer, and on how an event ends', async () => {
  const { client } = await serve('intercepted');
  const dog = { owner: 'Ann', age: '3' };
  expect(await ask(client, 'dog-called', dog)).toEqual(['dog-called: woof at 3']);
  expect(await ask(client, 'dog-called', { ...dog, age: 'old' })).toMatchObject({
    status: 'error',
  });
  await emit(client, 'dog-lost', { name: 'Rex' });
  await eventually(async () =>
    expect(await reasons('intercepted')).toEqual(['of the interceptor']),
  );
  expect(heard).toEqual([{ name: 'Rex' }]);
});

it('several handlers of one event are one, also those made for each message', async () => {
  const { client } = await serve('together', { retry: ['1s'] });
  await emit(client, 'dog-fed', {});
  const both = ['one of two', 'two of two'];
  await eventually(() => expect(heard).toEqual([...both, ...both]));
  expect(await ask(client, 'dog-alone', {})).toEqual([1]);
  expect(await ask(client, 'dog-alone', {})).toEqual([1]);
  expect(await broker.deadLetters('together')).toHaveLength(0);
});

it('an answer that cannot be written is an error to its caller, and to nobody else', async () => {
  const { client } = await serve('unwritable');
  const unknown = { status: 'error', message: 'Internal server error' };
  expect(await ask(client, 'dog-counted', 1)).toEqual(unknown);
  expect(await ask(client, 'dog-counted', -1)).toEqual(unknown);
  expect(await ask(client, 'dog-alone', {})).toEqual([1]);
  await eventually(async () => expect(await broker.depth('unwritable')).toBe(0));
});

it('a handler with waits of its own knows its last attempt', async () => {
  await serve('patient');
  await broker.sendToQueue('patient', { pattern: 'dog-ill', data: {} }, { messageId: 'm1' });
  await eventually(async () => expect(await reasons('patient')).toEqual(['atishoo']));
  expect(heard).toEqual([
    { attempt: 1, attemptsMax: 2, isLastAttempt: false },
    { attempt: 2, attemptsMax: 2, isLastAttempt: true },
  ]);
});

it('the first that a handler says is already a step of the flow of its message', async () => {
  await serve('heard');
  speaker = parts.add(new RabbitClient({ urls: [broker.amqpUrl], queue: 'answered' }));
  await speaker.connect();
  const packet = { pattern: 'dog-heard', data: {} };
  await broker.sendToQueue('heard', packet, { messageId: 'the-first' });
  await broker.declareQueue('answered');
  const { messages } = await broker.takeFrom('answered');
  await eventually(() =>
    expect(messages).toMatchObject([{ properties: { correlationId: 'the-first' } }]),
  );
});

it('its status tells of the connection', async () => {
  const { strategy } = await serve('watched');
  const seen: string[] = [];
  strategy.status.subscribe((status) => seen.push(status));
  await broker.closeConnections();
  await eventually(() => expect(seen).toEqual(['connected', 'disconnected', 'connected']));
});
