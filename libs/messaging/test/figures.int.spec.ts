import { Injectable } from '@nestjs/common';
import {
  Messages,
  MessagingHealth,
  OnRpc,
  OnWork,
  Rejected,
  RpcTimeout,
  send,
} from '@tradepost/messaging';
import { eventually } from '@tradepost/test-kit';
import { Bench } from './bench';
import { DoWork, Double, Doubled } from './contracts';

@Injectable()
class Refuser {
  @OnWork(DoWork)
  async handle({ what }: DoWork): Promise<void> {
    return Promise.reject(new Rejected('not_today', what));
  }
}

describe('what readiness tells besides', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await Bench.open();
  });
  afterEach(() => bench.close());

  it('nothing to tell', async () => {
    const { health } = await bench.start([Refuser]);
    expect(await health.figures()).toEqual({
      outboxLagSeconds: 0,
      deadLetters: {},
      held: {},
      paused: [],
      lateReplies: 0,
    });
  });

  it('the broker is away: how long the oldest message has waited; dead letters unknown', async () => {
    const app = await bench.create([Refuser], { amqpUrl: 'amqp://guest:guest@127.0.0.1:1' });
    const health = app.get(MessagingHealth);
    await bench.db.transaction((tx) => send(tx, DoWork, { what: 'waits' }));
    await eventually(async () => {
      expect((await health.figures()).outboxLagSeconds).toBeGreaterThan(0.3);
    });
    const { outboxLagSeconds, deadLetters } = await health.figures();
    expect(outboxLagSeconds).toBeLessThan(30);
    expect(deadLetters).toBeNull();
  });

  it('dead letters are counted, queue by queue, and the service stays ready', async () => {
    const { health } = await bench.start([Refuser]);
    await bench.broker.publish(DoWork, { what: 'one' });
    await bench.broker.publish(DoWork, { what: 'two' });
    await eventually(async () => {
      expect((await health.figures()).deadLetters).toEqual({ 'tests.do-work.dead': 2 });
    });
    expect((await health.check()).ok).toBe(true);
  });

  it('a dead-letter queue that is gone is told, and the other queues are still asked', async () => {
    const { health } = await bench.start([Refuser]);
    await bench.broker.deleteQueue('tests.do-work.dead');
    await eventually(async () => {
      expect((await health.figures()).deadLetters).toEqual({ 'tests.do-work.dead': null });
    });
    expect(await health.check()).toMatchObject({ ok: true, problems: [] });
  });

  it('answers that come too late are counted', async () => {
    let answer = (): void => undefined;
    @Injectable()
    class Slow {
      @OnRpc(Double)
      async double({ value }: Double): Promise<Doubled> {
        await new Promise<void>((resolve) => (answer = resolve));
        return { value: value * 2 };
      }
    }
    const { app, health } = await bench.start([Slow]);
    const asked = app.get(Messages).ask(Double, { value: 1 }, { timeoutMs: 300 });
    await expect(asked).rejects.toBeInstanceOf(RpcTimeout);
    answer();
    await eventually(async () => expect((await health.figures()).lateReplies).toBe(1));
  });
});
