import { Nack } from '@golevelup/nestjs-rabbitmq';
import { RabbitStrategy } from '@tradepost/messaging/nest';
import { eventually, TestBroker } from '@tradepost/test-kit';
import type { ConsumeMessage } from 'amqplib';
import { Cats, cats } from './cats';
import { handling, Parcels, ParcelServices, parcels } from './parcels';
import { NestParts } from './stock-nest';

/** What docs/MIGRATING.md says of ways that services have had; that of queues is in a suite apart. */

let broker: TestBroker;
const services = new ParcelServices(() => broker);
const parts = new NestParts();

beforeAll(async () => {
  broker = await TestBroker.create();
});
afterAll(() => broker.close());
beforeEach(() => {
  parcels.heard = [];
  parcels.does = undefined;
  cats.heard = [];
  cats.fails = undefined;
});
afterEach(async () => {
  await services.close();
  await parts.close();
});

let queues = 0;
const newQueue = () => `migrating-${(queues += 1)}`;
/** How often the handler's queue has dead-lettered it. */
const deaths = (queue: string, { properties: { headers } }: ConsumeMessage) =>
  headers?.['x-death']?.find((one) => one.queue === queue)?.count ?? 0;

describe('a hand-made retry exchange', () => {
  const exchanges = [{ name: 'parcels', type: 'topic' }];
  const opened = async () => {
    const [queue, wait] = [newQueue(), newQueue()];
    const back = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': queue };
    await broker.declareQueue(wait, { 'x-message-ttl': 200, ...back });
    const queueOptions = { deadLetterExchange: '', deadLetterRoutingKey: wait };
    const options = { exchange: 'parcels', routingKey: queue, queue, queueOptions };
    return { queue, wait, queueOptions, config: { exchanges, ...handling('parcels', options) } };
  };

  it('works on as it did for a handler that refuses, on the runtime too', async () => {
    const { queue, wait, config } = await opened();
    const ours = await services.ours(config, Parcels);
    const counts: number[] = [];
    parcels.does = (raw) => {
      counts.push(deaths(queue, raw));
      return counts.length < 3 ? new Nack() : undefined;
    };
    await ours.publish('parcels', queue, {});
    await eventually(() => expect(counts).toEqual([0, 1, 2]));
    await ours.close();
    expect([await broker.depth(queue), await broker.depth(wait)]).toEqual([0, 0]);
    expect(await broker.deadLetters(queue)).toEqual([]);
  });

  it("works on for a handler on Nest's transport that refuses", async () => {
    const { queue, queueOptions } = await opened();
    const strategy = new RabbitStrategy({ urls: [broker.amqpUrl], queue, queueOptions });
    await parts.listen({ strategy }, Cats);
    await broker.sendToQueue(queue, { pattern: 'cat-lost', data: {} });
    await eventually(() => expect(cats.heard.length).toBeGreaterThan(2));
    expect(await broker.deadLetters(queue)).toEqual([]);
  });

  it('brings back what still waits in it, which is then tried again by the runtime', async () => {
    const { queue, wait, config } = await opened();
    const stock = await services.stock(config, Parcels);
    let refuses = true;
    parcels.does = () => {
      if (refuses) return new Nack();
      throw new RangeError('too heavy');
    };
    await stock.publish('parcels', queue, {});
    await eventually(() => expect(parcels.heard.length).toBeGreaterThan(1));
    refuses = false;
    await services.close();
    await services.ours(config, Parcels);
    await eventually(async () =>
      expect(await broker.deadLetters(queue)).toMatchObject([
        {
          headers: {
            'x-error-code': 'range_error',
            'x-attempts': 2,
            'x-death': expect.arrayContaining([expect.objectContaining({ queue: 'retry.1s' })]),
          },
        },
      ]),
    );
    // Nothing comes there any more: it can be deleted.
    expect(await broker.depth(wait)).toBe(0);
  });

  it('has what was parked, and is published again, tried anew however often it was before', async () => {
    const { queue, config } = await opened();
    const ours = await services.ours(config, Parcels);
    parcels.does = () => {
      if (parcels.heard.length === 1) throw new RangeError('too heavy');
    };
    const headers = { 'x-death': [{ queue, reason: 'rejected', count: 9 }] };
    await broker.sendToQueue(queue, { weight: 3 }, { headers });
    await eventually(() => expect(parcels.heard).toHaveLength(2));
    await ours.close();
    expect([await broker.depth(queue), await broker.deadLetters(queue)]).toEqual([0, []]);
  });
});

describe('a service with noAck', () => {
  const options = (queue: string) => ({ urls: [broker.amqpUrl], queue, noAck: true });
  const away = () => new Error('away');

  it('loses on the stock transport what its handler fails to do', async () => {
    const queue = newQueue();
    await parts.stockServer(options(queue), Cats);
    cats.fails = away;
    await broker.sendToQueue(queue, { pattern: 'cat-born', data: {} });
    await eventually(() => expect(cats.heard).toHaveLength(1));
    await parts.close();
    expect(await broker.depth(queue)).toBe(0);
  });

  it('keeps it on the runtime, which has as much in hand as the prefetch says', async () => {
    const queue = newQueue();
    const more = { prefetchCount: 2, retry: ['1s'] as const, drainTimeoutMs: 100 };
    const strategy = new RabbitStrategy({ ...options(queue), ...more });
    await parts.listen({ strategy }, Cats);
    cats.fails = () => (cats.heard.length === 1 ? away() : undefined);
    await broker.sendToQueue(queue, { pattern: 'cat-born', data: {} });
    await eventually(() => expect(cats.heard).toHaveLength(2));
    for (const name of ['Tom', 'Tim', 'Tam']) {
      await broker.sendToQueue(queue, { pattern: 'cat-asleep', data: { name } });
    }
    await eventually(() => expect(cats.heard.slice(2)).toEqual([{ name: 'Tom' }, { name: 'Tim' }]));
    expect(await broker.depth(queue)).toBe(1);
    // What a process has in hand when it ends is not lost: it comes to another one.
    await strategy.close();
    await eventually(async () => expect(await broker.depth(queue)).toBe(3));
  });
});
