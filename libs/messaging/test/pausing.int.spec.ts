import { Injectable } from '@nestjs/common';
import { MessagingHealth, OnWork, ServiceHandlers } from '@tradepost/messaging';
import { eventually } from '@tradepost/test-kit';
import { connect } from 'amqplib';
import { Bench } from './bench';
import { DoWork } from './contracts';

const done: string[] = [];

@Injectable()
class Worker {
  @OnWork(DoWork)
  async handle({ what }: DoWork): Promise<void> {
    done.push(what);
    return Promise.resolve();
  }
}

const queue = 'tests.do-work';

describe('a handler that an operator pauses', () => {
  let bench: Bench;
  let handlers: ServiceHandlers;
  let health: MessagingHealth;

  beforeEach(async () => {
    done.splice(0);
    bench = await Bench.open();
    const started = await bench.start([Worker], { consumerCheckMs: 500 });
    handlers = started.app.get(ServiceHandlers);
    health = started.health;
  });
  afterEach(() => bench.close());

  const consumers = async () => {
    const model = await connect(bench.broker.amqpUrl);
    try {
      return (await (await model.createChannel()).checkQueue(queue)).consumerCount;
    } finally {
      await model.close();
    }
  };

  it('takes nothing, stays ready, and goes on when it is resumed', async () => {
    expect(await handlers.pause(queue)).toMatchObject({ name: 'Worker.handle', paused: true });
    expect(await consumers()).toBe(0);
    await bench.broker.publish(DoWork, { what: 'waits' });
    await eventually(async () => expect(await bench.broker.depth(queue)).toBe(1));
    expect(await health.check()).toMatchObject({ ok: true, problems: [] });
    expect(await health.figures()).toMatchObject({ paused: [queue] });
    expect(done).toEqual([]);

    expect(await handlers.resume(queue)).toMatchObject({ paused: false });
    await eventually(() => expect(done).toEqual(['waits']));
    expect(await health.figures()).toMatchObject({ paused: [] });
  });

  it('stays paused on a new connection, and the supervisor leaves it so', async () => {
    await handlers.pause(queue);
    await bench.broker.closeConnections();
    await eventually(async () => expect((await health.check()).ok).toBe(true));
    await bench.broker.publish(DoWork, { what: 'waits' });
    await eventually(async () => expect(await bench.broker.depth(queue)).toBe(1));
    expect(await consumers()).toBe(0);
    await handlers.resume(queue);
    await eventually(() => expect(done).toEqual(['waits']));
  });

  it('is as it was asked last, however often it is asked', async () => {
    const asked = [handlers.pause, handlers.resume, handlers.pause, handlers.resume];
    await Promise.all(asked.map((ask) => ask.call(handlers, queue)));
    expect(await consumers()).toBe(1);
    await bench.broker.publish(DoWork, { what: 'goes' });
    await eventually(() => expect(done).toEqual(['goes']));
    expect(await handlers.pause('tests.unknown')).toBeUndefined();
  });
});
