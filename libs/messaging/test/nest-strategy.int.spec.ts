import {
  BadRequestException,
  HttpException,
  ServiceUnavailableException,
  type Type,
} from '@nestjs/common';
import { RmqRecordBuilder } from '@nestjs/microservices';
import { Rejected } from '@tradepost/messaging';
import { RabbitStrategy, type StrategyOptions } from '@tradepost/messaging/nest';
import { AmqpTap, eventually, TestBroker } from '@tradepost/test-kit';
import { AnyCats, Cats, cats } from './cats';
import { ask, emit, NestParts, type StockOptions } from './stock-nest';

let broker: TestBroker;
const parts = new NestParts();

beforeAll(async () => {
  broker = await TestBroker.create();
});
afterAll(() => broker.close());
beforeEach(() => {
  cats.heard = [];
  cats.asked = [];
  cats.fails = undefined;
  cats.ends = undefined;
});
afterEach(() => parts.close());

let queues = 0;
const newQueue = () => `cats-${(queues += 1)}`;

/** Ours. */
async function serve(options: StrategyOptions, controller: Type = Cats): Promise<RabbitStrategy> {
  // Some handlers here never end.
  const common = { urls: [broker.amqpUrl], retry: ['1s'] as const, drainTimeoutMs: 500 };
  const strategy = new RabbitStrategy({ ...common, ...options });
  await parts.listen({ strategy }, controller);
  await eventually(async () =>
    expect(await strategy.check()).toMatchObject({ ok: true, problems: [] }),
  );
  return strategy;
}

const stockClient = async (options: StockOptions) =>
  parts.stockClient({ urls: [broker.amqpUrl], ...options });

describe('an event in the format of a stock client', () => {
  it('reaches its handler, and is acked when that is done', async () => {
    const queue = newQueue();
    const strategy = await serve({ queue });
    // The stock client does not outlive its connection.
    const say = async (pattern: unknown, name: string) =>
      broker.sendToQueue(queue, { pattern, data: { name } });
    await say('cat-born', 'Tom');
    await say({ cmd: 'cat-fed' }, 'Tim');
    await say('cat-asleep', 'Tam');
    const expected = [['cat-born', { name: 'Tom' }], { name: 'Tim' }, { name: 'Tam' }];
    await eventually(() => expect(cats.heard).toEqual(expected));
    await broker.closeConnections();
    // Not acked before its observable has ended, it comes again.
    await eventually(() => expect(cats.heard).toEqual([...expected, { name: 'Tam' }]));
    cats.ends?.();
    await say('cat-born', 'last');
    await eventually(() => expect(cats.heard.at(-1)).toEqual(['cat-born', { name: 'last' }]));
    await broker.closeConnections();
    await strategy.close();
    expect(await broker.depth(queue)).toBe(0);
    expect(cats.heard).toHaveLength(5);
  });

  it('is tried again, and dead-lettered with the reason', async () => {
    const queue = newQueue();
    await serve({ queue, service: 'cattery' });
    const client = await stockClient({ queue });
    const [away, last] = [new ServiceUnavailableException(), new RangeError('too many cats')];
    cats.fails = () => (cats.heard.length === 1 ? away : last);
    await emit(client, 'cat-born', { name: 'Tom' });
    await emit(client, 'cat-filtered', {});
    await eventually(async () => expect(await broker.deadLetters(queue)).toHaveLength(2));
    expect(cats.heard).toHaveLength(2);
    const found = await broker.deadLetters(queue);
    const deadOf = (wanted: string) =>
      found.find(({ body }) => (body as { pattern: string }).pattern === wanted);
    expect(deadOf('cat-filtered')?.headers).toMatchObject({ 'x-error-message': 'in short' });
    expect(deadOf('cat-born')).toMatchObject({
      body: { pattern: 'cat-born', data: { name: 'Tom' } },
      headers: {
        'x-error-code': 'range_error',
        'x-error-message': 'too many cats',
        'x-handler': 'cattery',
        'x-attempts': 2,
      },
    });
  });

  it.each<[string, unknown, object, () => unknown]>([
    ['a refusal', 'cat-born', { 'x-error-code': 'not_a_cat' }, () => new Rejected('not_a_cat')],
    [
      'what a pipe refuses',
      'cat-born',
      { 'x-error-code': 'bad_request_exception', 'x-error-message': 'name; age' },
      () => new BadRequestException(['name', 'age']),
    ],
    [
      'what a pipe refuses in its own words',
      'cat-born',
      { 'x-error-code': 'http_exception', 'x-error-message': 'no cat' },
      () => new HttpException('no cat', 422),
    ],
    ['an observable that fails', 'cat-broken', { 'x-error-message': 'a; b' }, () => undefined],
    ['a handler without retries', 'cat-ill', { 'x-error-code': 'error' }, () => undefined],
    ['a nack of its handler', 'cat-lost', { 'x-error-code': 'nacked' }, () => undefined],
    ['a reject of its handler', 'cat-refused', { 'x-error-code': 'nacked' }, () => undefined],
    ['a pattern that nobody hears', 'dog-born', { 'x-error-code': 'no_handler' }, () => undefined],
  ])('is a dead letter at once: %s', async (_, pattern, headers, fails) => {
    const queue = newQueue();
    await serve({ queue });
    cats.fails = fails;
    await emit(await stockClient({ queue }), pattern, { name: 'Tom' });
    await eventually(async () =>
      expect(await broker.deadLetters(queue)).toMatchObject([
        { headers: { 'x-attempts': 1, ...headers } },
      ]),
    );
  });
});

describe('an event whose handler settles it', () => {
  it('comes again when that returns it to the queue', async () => {
    const queue = newQueue();
    const strategy = await serve({ queue });
    await broker.sendToQueue(queue, { pattern: 'cat-returned', data: { name: 'Tom' } });
    await eventually(() => expect(cats.heard).toEqual([{ name: 'Tom' }, { name: 'Tom' }]));
    await strategy.close();
    expect(await broker.depth(queue)).toBe(0);
    expect(await broker.deadLetters(queue)).toEqual([]);
  });

  // The broker is slow to confirm the dead letter.
  it.each(['cat-asleep', 'cat-lost'])(
    'is where it belongs when a stop ends: %s',
    async (pattern) => {
      const queue = newQueue();
      const tap = await AmqpTap.open(broker.amqpUrl);
      const strategy = await serve({ queue, urls: [tap.url], drainTimeoutMs: 8_000 });
      await broker.sendToQueue(queue, { pattern, data: {} });
      await eventually(() => expect(cats.heard).toEqual([{}]));
      tap.latencyMs = 300;
      cats.ends?.(new Rejected('bored', 'it slept'));
      await strategy.close();
      expect(await broker.depth(queue)).toBe(0);
      expect(await broker.deadLetters(queue)).toHaveLength(1);
      await tap.close();
    },
  );

  it('comes again when it is refused, and there is no room for its dead letter', async () => {
    const queue = newQueue();
    await serve({ queue });
    const dead = `${queue}.dead`;
    await broker.limitQueues(`^${dead}$`, { 'max-length': 1, overflow: 'reject-publish' });
    // The limit of a quorum queue is not sharp.
    const filled = async () => {
      for (;;) await broker.sendToQueue(dead, {});
    };
    await expect(filled()).rejects.toThrow();
    await broker.sendToQueue(queue, { pattern: 'cat-lost', data: { name: 'Tom' } });
    await eventually(() => expect(cats.heard.length).toBeGreaterThan(1));
    await broker.unlimitQueues();
    await eventually(async () =>
      expect((await broker.deadLetters(queue)).at(-1)).toMatchObject({
        headers: { 'x-error-code': 'nacked' },
      }),
    );
  });

  it('is done when that has acked it, though it fails afterwards', async () => {
    const queue = newQueue();
    const strategy = await serve({ queue });
    cats.fails = () => new Rejected('too_late');
    for (const pattern of [{ cmd: 'cat-fed' }, 'cat-lost']) {
      await broker.sendToQueue(queue, { pattern, data: { name: 'Tom' } });
    }
    const nacked = [{ headers: { 'x-error-code': 'nacked' } }];
    await eventually(async () => expect(await broker.deadLetters(queue)).toMatchObject(nacked));
    await strategy.close();
    expect(await broker.depth(queue)).toBe(0);
  });
});

describe("a question of a stock client's", () => {
  it('is not put to its handler when its caller has given up', async () => {
    const queue = newQueue();
    const strategy = await serve({ queue });
    for (const [id, deadline] of [
      [1, Date.now() - 1_000],
      [2, Date.now() + 60_000],
    ]) {
      const packet = { pattern: 'name-of', id: `q-${id}`, data: { id } };
      await broker.sendToQueue(queue, packet, { headers: { 'x-deadline': deadline } });
    }
    await eventually(() => expect(cats.asked).toContain(2));
    await strategy.close();
    expect(cats.asked).toEqual([2]);
    expect(await broker.depth(queue)).toBe(0);
  });

  it('is answered: a value, a stream, a refusal, an error, nothing', async () => {
    const queue = newQueue();
    await serve({ queue });
    const client = await stockClient({ queue });
    expect(await ask(client, 'name-of', { id: 1 })).toEqual([{ name: 'cat 1' }]);
    expect(await ask(client, { cmd: 'kittens' }, 3)).toEqual([1, 2, 3]);
    const refused = { status: 'error', code: 'cat_unknown', message: 'no cat has this id' };
    expect(await ask(client, 'name-of', { id: 13 })).toEqual(refused);
    expect(await ask(client, 'name-of', { id: 14 })).toEqual({
      status: 'error',
      message: 'not today',
    });
    expect(await ask(client, 'name-of', { id: 15 })).toEqual({
      status: 'error',
      message: 'Internal server error',
    });
    expect(await ask(client, 'nobody', {})).toContain('no matching message handler');
    expect(await broker.deadLetters(queue)).toEqual([]);
    expect(await broker.depth(queue)).toBe(0);
  });
});

it('a message that is no JSON is a dead letter, as such', async () => {
  const queue = newQueue();
  await serve({ queue });
  await broker.sendToQueue(queue, Buffer.from('{"pattern": "cat-born", '));
  await eventually(async () =>
    expect(await broker.deadLetters(queue)).toMatchObject([
      { headers: { 'x-error-code': 'bad_json', 'x-attempts': 1 } },
    ]),
  );
});

describe('exchanges', () => {
  it('are bound as the stock options say: wildcards', async () => {
    const queue = newQueue();
    await serve({ queue, wildcards: true }, AnyCats);
    const client = await stockClient({ queue, wildcards: true });
    await emit(client, 'cat.grey.born', { name: 'Tom' });
    await emit(client, 'dog.old.big', { name: 'Rex' });
    await eventually(() =>
      expect(cats.heard).toEqual([
        ['born', 'cat.grey.born', { name: 'Tom' }],
        ['dog', 'dog.old.big', { name: 'Rex' }],
      ]),
    );
  });

  it('are bound as the stock options say: fanout, to every service that listens', async () => {
    const exchange = 'cats-everywhere';
    const options = { exchange, exchangeType: 'fanout' } as const;
    await serve({ ...options, queue: newQueue() });
    await serve({ ...options, queue: newQueue() });
    const client = await stockClient({ ...options, queue: '' });
    await emit(client, 'cat-born', { name: 'Tom' });
    const tom = ['cat-born', { name: 'Tom' }];
    await eventually(() => expect(cats.heard).toEqual([tom, tom]));
  });

  it('are bound as the stock options say: direct, by a routing key', async () => {
    const options = {
      exchange: 'cats-directly',
      exchangeType: 'direct',
      routingKey: 'cat',
    } as const;
    const queue = newQueue();
    await serve({ ...options, queue });
    const packet = { pattern: 'cat-born', data: { name: 'Tom' } };
    await broker.sendToExchange('cats-directly', 'cat', packet);
    await eventually(() => expect(cats.heard).toEqual([['cat-born', { name: 'Tom' }]]));
  });
});

describe('a rolling change', () => {
  it.each<[string, StockOptions]>([
    ['a queue as the documentation shows it', { queueOptions: { durable: true } }],
    [
      'a queue with arguments',
      { queueOptions: { messageTtl: 60_000, arguments: { 'x-queue-type': 'quorum' } } },
    ],
  ])('has old and new replicas take from one queue: %s', async (_, options) => {
    const queue = newQueue();
    const stock = { urls: [broker.amqpUrl], queue, ...options, noAck: true };
    await parts.stockServer(stock, Cats);
    await serve({ ...options, queue });
    const client = await stockClient({ queue, ...options });
    const names = Array.from({ length: 20 }, (_, index) => index);
    const answers = await Promise.all(
      names.map(async (id) => ask(client, 'name-of', { id: id + 20 })),
    );
    expect(answers).toEqual(names.map((id) => [{ name: `cat ${id + 20}` }]));
  });
});

it('hands records on to the handler as they came', async () => {
  const queue = newQueue();
  await serve({ queue });
  const client = await stockClient({ queue });
  const record = new RmqRecordBuilder({ name: 'Tom' })
    .setOptions({ headers: { 'x-colour': 'grey' }, priority: 3 })
    .build();
  cats.fails = () => new Rejected('seen');
  await emit(client, 'cat-born', record);
  await eventually(async () =>
    expect(await broker.deadLetters(queue)).toMatchObject([
      { headers: { 'x-colour': 'grey' }, properties: { priority: 3 } },
    ]),
  );
});
