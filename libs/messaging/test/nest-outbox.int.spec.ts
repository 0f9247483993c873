import { RmqRecordBuilder } from '@nestjs/microservices';
import { WiringError } from '@tradepost/messaging';
import { RabbitClient, RabbitStrategy } from '@tradepost/messaging/nest';
import { eventually } from '@tradepost/test-kit';
import { Bench } from './bench';
import { AnyCats, Cats, cats } from './cats';
import { NestParts } from './stock-nest';

let bench: Bench;
const parts = new NestParts();

beforeAll(async () => {
  bench = await Bench.open();
});
afterAll(() => bench.close());
beforeEach(() => {
  cats.heard = [];
  cats.fails = undefined;
});
afterEach(async () => {
  await parts.close();
  await bench.stop();
});

const rolledBack = new Error('rolled back');

describe.each(['of its client', 'of its service'])(
  'an event in a transaction, by the relay %s',
  (relay) => {
    it.each([
      ['a queue', Cats, { queue: 'outbox-cats' }, 'cat-born'],
      ['a topic exchange', AnyCats, { queue: 'outbox-any', wildcards: true }, 'cat.grey.born'],
    ])(
      'is sent to %s when it commits, and never was when it does not',
      async (_, cat, options, pattern) => {
        const urls = [bench.broker.amqpUrl];
        await parts.listen({ strategy: new RabbitStrategy({ urls, ...options }) }, cat);
        const isOwn = relay === 'of its client';
        const { db } = bench;
        if (!isOwn) await bench.start([]);
        const client = parts.add(
          new RabbitClient({ urls, ...options, ...(isOwn ? { database: db } : {}) }),
        );
        await client.connect();
        await db.transaction(async (tx) => client.emitIn(tx, pattern, { name: 'Tom' }));
        const failing = db.transaction(async (tx) => {
          await client.emitIn(tx, pattern, { name: 'nobody' });
          throw rolledBack;
        });
        await expect(failing).rejects.toBe(rolledBack);
        await db.transaction(async (tx) => client.emitIn(tx, pattern, { name: 'Tim' }));
        await eventually(() => expect(cats.heard).toHaveLength(2));
        expect(JSON.stringify(cats.heard)).not.toContain('nobody');
        await eventually(async () => expect(await bench.outboxDepth()).toBe(0));
      },
    );
  },
);

it('an event whose options the outbox does not keep is refused', async () => {
  const client = parts.add(new RabbitClient({ urls: [bench.broker.amqpUrl], queue: 'refused' }));
  const record = new RmqRecordBuilder({}).setOptions({ priority: 1, headers: { a: '1' } }).build();
  const emitting = bench.db.transaction(async (tx) => client.emitIn(tx, 'cat-born', record));
  await expect(emitting).rejects.toThrow(WiringError);
  await expect(emitting).rejects.toThrow(/a, priority/);
  expect(await bench.outboxDepth()).toBe(0);
});
