import { Injectable } from '@nestjs/common';
import {
  MessagingMetrics,
  OnFanout,
  OnWork,
  Rejected,
  ServiceHandlers,
} from '@tradepost/messaging';
import { eventually } from '@tradepost/test-kit';
import { Bench } from './bench';
import { DoWork, Moved, Ship } from './contracts';

@Injectable()
class Stuck {
  @OnFanout(Moved, { orderedBy: 'orderId', retry: ['10m'] })
  async moved({ step }: Moved): Promise<void> {
    return step === 1 ? Promise.reject(new Error('not yet')) : Promise.resolve();
  }

  @OnWork(Ship, { orderedBy: 'orderId', retry: [], onDead: 'stop' })
  async ship(): Promise<void> {
    return Promise.reject(new Rejected('not_wanted'));
  }
}

const makeOlder = {
  name: 'held-older',
  text: `UPDATE held_messages SET held_at = held_at - interval '90 seconds' WHERE key = 'a'`,
};
const muchOfOneKey = {
  name: 'held-much',
  text: `INSERT INTO held_messages (queue, key, message_id, properties, content, not_before)
         SELECT 'tests.ship', 'a', 'm' || n, '', '', now() + '1 hour' FROM generate_series(1, 100001) AS n`,
};
const none = { waiting: 0, keys: 0, stopped: 0, oldestSeconds: 0 };

describe('messages that wait in the database for one of their key', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await Bench.open();
  });
  afterEach(() => bench.close());

  const move = async (orderId: string, step: number) =>
    bench.broker.publish(Moved, { orderId, step });

  it('are counted by queue and by key, with the age of the oldest', async () => {
    const { app, health } = await bench.start([Stuck]);
    const metrics = app.get(MessagingMetrics);
    expect((await metrics.stored()).held).toEqual({ 'tests.moved': none, 'tests.ship': none });
    for (const step of [1, 2, 3]) await move('a', step);
    await move('b', 1);
    await move('c', 2);
    await bench.broker.publish(Ship, { orderId: 'a', step: 1 });
    const moved = { waiting: 4, keys: 2, stopped: 0 };
    const ship = { waiting: 1, keys: 1, stopped: 1 };
    await eventually(async () => {
      const { held } = await metrics.stored();
      expect(held).toMatchObject({ 'tests.moved': moved, 'tests.ship': ship });
    });
    await bench.db.query(makeOlder);
    const { held } = await metrics.stored();
    for (const queue of ['tests.moved', 'tests.ship']) {
      expect(held[queue]?.oldestSeconds).toBeGreaterThanOrEqual(90);
      expect(held[queue]?.oldestSeconds).toBeLessThan(120);
    }
    expect((await health.figures()).held).toMatchObject({ 'tests.moved': moved });
  });

  it('are told key by key: stopped ones first, then those that have waited longest', async () => {
    const { app } = await bench.start([Stuck]);
    const handlers = app.get(ServiceHandlers);
    const began = Date.now();
    for (const orderId of ['b', 'a']) for (const step of [1, 2]) await move(orderId, step);
    await bench.broker.publish(Ship, { orderId: 'c', step: 1 }, { messageId: 'dead' });
    await eventually(async () => {
      const held = await handlers.held();
      expect(held.map(({ waiting }) => waiting)).toEqual([1, 2, 2]);
    });
    await bench.db.query(makeOlder);
    const [stopped, ...waiting] = await handlers.held();
    const ship = { queue: 'tests.ship', key: 'c', messageId: 'dead', state: 'stopped' };
    expect(stopped).toMatchObject({ ...ship, nextTryAt: null });
    const keys = waiting.map(({ queue, key, state }) => `${queue} ${key} ${state}`);
    expect(keys).toEqual(['tests.moved a retrying', 'tests.moved b retrying']);
    const [a, b] = waiting.map(({ heldSince }) => Date.parse(heldSince) - began);
    expect(a).toBeLessThan(-80_000);
    expect(b).toBeGreaterThan(-5_000);
    const inMs = Date.parse(waiting[0]?.nextTryAt ?? '') - began;
    expect(inMs).toBeGreaterThan(590_000);
    expect(inMs).toBeLessThan(660_000);
    expect(await handlers.held('tests.ship')).toEqual([stopped]);
    expect(await handlers.held('tests.do-work')).toEqual([]);
  });

  it('are told of a key that is stopped, however many wait for others', async () => {
    const { app } = await bench.start([Stuck]);
    await bench.broker.publish(Ship, { orderId: 'b', step: 1 });
    const stopped = { queue: 'tests.ship', key: 'b', state: 'stopped', waiting: 1 };
    const handlers = app.get(ServiceHandlers);
    await eventually(async () => expect(await handlers.held()).toMatchObject([stopped]));
    await bench.db.query(muchOfOneKey);
    const others = { key: 'a', state: 'retrying', waiting: 100_000 };
    expect(await handlers.held()).toMatchObject([stopped, others]);
    const { held } = await app.get(MessagingMetrics).stored();
    expect(held['tests.ship']).toMatchObject({ waiting: 100_000, stopped: 1 });
  }, 30_000);

  it('are none of a service without a handler in order, or without a database', async () => {
    @Injectable()
    class Plain {
      @OnWork(DoWork)
      async work(): Promise<void> {}
    }
    for (const options of [{}, { database: undefined }]) {
      const { app } = await bench.start([Plain], options);
      expect(await app.get(ServiceHandlers).held()).toEqual([]);
      await bench.stop();
    }
  });
});
