import { type ClientProxy, RmqRecordBuilder } from '@nestjs/microservices';
import {
  PublishUnknown,
  Rejected,
  RpcFailed,
  RpcTimeout,
  Unroutable,
  WiringError,
} from '@tradepost/messaging';
import { type ClientOptions, RabbitClient, RabbitStrategy } from '@tradepost/messaging/nest';
import { eventually, TestBroker } from '@tradepost/test-kit';
import { firstValueFrom, take, toArray } from 'rxjs';
import { AnyCats, Cats, cats } from './cats';
import { ask, emit, NestParts } from './stock-nest';

let broker: TestBroker;
const parts = new NestParts();

beforeAll(async () => {
  broker = await TestBroker.create();
});
afterAll(() => broker.close());
beforeEach(() => {
  cats.heard = [];
  cats.fails = undefined;
});
afterEach(() => parts.close());

let queues = 0;
const newQueue = () => `clients-${(queues += 1)}`;

const ours = (options: ClientOptions): ClientProxy =>
  parts.add(new RabbitClient({ urls: [broker.amqpUrl], ...options }));

const servers = {
  'a stock server': async (queue: string) =>
    parts.stockServer({ urls: [broker.amqpUrl], queue, noAck: true }, Cats),
  'a server of ours': async (queue: string) =>
    parts.listen({ strategy: new RabbitStrategy({ urls: [broker.amqpUrl], queue }) }, Cats),
};

describe.each(Object.entries(servers))('%s', (_, serve) => {
  it('hears what the client emits, and answers what it asks', async () => {
    const queue = newQueue();
    await serve(queue);
    const client = ours({ queue });
    expect(await emit(client, 'cat-born', { name: 'Tom' })).toBeUndefined();
    await eventually(() => expect(cats.heard).toEqual([['cat-born', { name: 'Tom' }]]));
    expect(await ask(client, 'name-of', { id: 1 })).toEqual([{ name: 'cat 1' }]);
    expect(await ask(client, { cmd: 'kittens' }, 3)).toEqual([1, 2, 3]);
    const some = client.send<number>({ cmd: 'kittens' }, 5).pipe(take(2), toArray());
    expect(await firstValueFrom(some)).toEqual([1, 2]);
    expect(await ask(client, 'name-of', { id: 14 })).toEqual({
      status: 'error',
      message: 'not today',
    });
    expect(await ask(client, 'nobody', {})).toContain('no matching message handler');
  });
});

it('a refusal of a server of ours comes with its code', async () => {
  const queue = newQueue();
  await servers['a server of ours'](queue);
  const refused = await ask(ours({ queue }), 'name-of', { id: 13 });
  expect(refused).toEqual(new Rejected('cat_unknown', 'no cat has this id'));
});

describe('an event', () => {
  it('that no queue takes is told', async () => {
    const options = { exchange: newQueue(), exchangeType: 'topic', wildcards: true } as const;
    const client = ours(options);
    expect(await emit(client, 'cat.grey.born', {})).toEqual(
      new Unroutable(options.exchange, 'cat.grey.born'),
    );
  });

  it('is kept for a server that starts later', async () => {
    const queue = newQueue();
    expect(await emit(ours({ queue }), 'cat-born', { name: 'Tom' })).toBeUndefined();
    await servers['a stock server'](queue);
    await eventually(() => expect(cats.heard).toHaveLength(1));
  });

  it('is refused in time while the broker is away', async () => {
    const client = parts.add(
      new RabbitClient({ urls: ['amqp://127.0.0.1:1'], queue: 'q', timeoutMs: 300 }),
    );
    expect(await emit(client, 'cat-born', {})).toBeInstanceOf(PublishUnknown);
    expect(await ask(client, 'name-of', { id: 1 })).toBeInstanceOf(RpcFailed);
  });

  it('has the options of its record and of its client', async () => {
    const queue = newQueue();
    const client = ours({ queue, headers: { 'x-by': 'client' } });
    const options = { headers: { 'x-colour': 'grey' }, priority: 3, messageId: 'cat-1' };
    await emit(
      client,
      'cat-born',
      new RmqRecordBuilder({ name: 'Tom' }).setOptions(options).build(),
    );
    const { messages } = await broker.takeFrom(queue);
    await eventually(() =>
      expect(messages).toMatchObject([
        {
          body: { pattern: 'cat-born', data: { name: 'Tom' } },
          headers: { 'x-by': 'client', 'x-colour': 'grey' },
          properties: { priority: 3, messageId: 'cat-1', deliveryMode: 2 },
        },
      ]),
    );
  });

  it('reaches the handlers of its pattern by a topic exchange', async () => {
    const queue = newQueue();
    const options = { urls: [broker.amqpUrl], queue, wildcards: true };
    await parts.listen({ strategy: new RabbitStrategy(options) }, AnyCats);
    const client = ours({ queue, wildcards: true });
    await eventually(async () => expect(await emit(client, 'dog.old', 1)).toBeUndefined());
    await eventually(() => expect(cats.heard).toEqual([['dog', 'dog.old', 1]]));
  });
});

describe('a question', () => {
  it('ends by its deadline, though nobody answers', async () => {
    const queue = newQueue();
    await broker.declareQueue(queue);
    const client = ours({ queue, timeoutMs: 300 });
    expect(await ask(client, 'name-of', { id: 1 })).toEqual(new RpcTimeout(queue, 300));
    await eventually(async () => expect(await broker.depth(queue)).toBe(0));
  });

  it('that no queue takes is told', async () => {
    const client = ours({ queue: newQueue() });
    expect(await ask(client, 'name-of', { id: 1 })).toBeInstanceOf(Unroutable);
  });

  it('ends with its client, and with its connection', async () => {
    const queue = newQueue();
    await broker.declareQueue(queue);
    // Longer than it takes until the broker lists its connection, on a machine that is busy.
    const client = ours({ queue, timeoutMs: 60_000 });
    const waiting = async () => eventually(async () => expect(await broker.depth(queue)).toBe(1));
    const first = ask(client, 'name-of', { id: 1 });
    await waiting();
    await broker.closeConnections();
    expect(await first).toBeInstanceOf(RpcFailed);
    const second = ask(client, 'name-of', { id: 2 });
    await eventually(async () => expect(await broker.depth(queue)).toBe(2));
    await client.close();
    expect(await second).toBeInstanceOf(RpcFailed);
    expect(await ask(client, 'name-of', { id: 3 })).toBeInstanceOf(RpcFailed);
  });

  it('has the options of its record, but those by which its answer finds it', async () => {
    const queue = newQueue();
    await broker.declareQueue(queue);
    const client = ours({ queue, timeoutMs: 2_000, headers: { 'x-by': 'client' } });
    const options = { headers: { 'x-colour': 'grey' }, priority: 3, correlationId: 'own' };
    const asked = ask(client, 'name-of', new RmqRecordBuilder({}).setOptions(options).build());
    const { messages } = await broker.takeFrom(queue);
    await eventually(() => expect(messages).toHaveLength(1));
    expect(messages).toMatchObject([
      { headers: { 'x-by': 'client', 'x-colour': 'grey' }, properties: { priority: 3 } },
    ]);
    const { messageId, correlationId } = messages[0]?.properties ?? {};
    expect(correlationId).toBe(messageId);
    await client.close();
    expect(await asked).toBeInstanceOf(RpcFailed);
  });

  it('that cannot be written is refused at once', async () => {
    const queue = newQueue();
    await broker.declareQueue(queue);
    const client = ours({ queue });
    const record = new RmqRecordBuilder({}).setOptions({ type: 'x'.repeat(300) }).build();
    expect(String(await ask(client, 'name-of', record))).toMatch(/'type' is the wrong type/);
  });

  it('reaches the handler of its pattern by a topic exchange', async () => {
    const [exchange, queue] = [newQueue(), newQueue()];
    const options = { urls: [broker.amqpUrl], exchange, queue, wildcards: true };
    await parts.listen({ strategy: new RabbitStrategy(options) }, Cats);
    const client = ours({ exchange, wildcards: true });
    await eventually(async () =>
      expect(await ask(client, 'name-of', { id: 1 })).toEqual([{ name: 'cat 1' }]),
    );
  });
});

it('options that cannot keep the guarantee are refused by name', () => {
  const options = { queue: '', queueOptions: { exclusive: true, autoDelete: true } };
  const refused = /queue: .*\n.*queueOptions.exclusive: .*\n.*queueOptions.autoDelete: /;
  for (const make of [() => new RabbitStrategy(options), () => new RabbitClient(options)]) {
    expect(make).toThrow(WiringError);
    expect(make).toThrow(refused);
  }
});
