import { Injectable, type LoggerService } from '@nestjs/common';
import {
  MessagingHealth,
  OnFanout,
  OnRpc,
  OnWork,
  type HandlerOptions,
} from '@tradepost/messaging';
import { AmqpTap, eventually } from '@tradepost/test-kit';
import { Bench, type Replica } from './bench';
import { Double, Doubled, DoWork, Happened } from './contracts';

const queue = 'tests.do-work';
const takenBy: string[] = [];
const hands: (() => void)[] = [];

function worker(
  name: string,
  { holds = false, ...options }: HandlerOptions & { holds?: boolean } = {},
) {
  @Injectable()
  class Worker {
    @OnWork(DoWork, { prefetch: 1, ...options })
    async handle({ what }: DoWork): Promise<void> {
      takenBy.push(`${name}: ${what}`);
      if (holds) await new Promise<void>((resolve) => hands.push(resolve));
    }
  }
  return Worker;
}

class Lines implements LoggerService {
  readonly warnings: string[] = [];
  log(): void {}
  error(): void {}
  warn(message: string, fields: object): void {
    this.warnings.push(`${message} ${JSON.stringify(fields)}`);
  }
}

const quick = { consumerCheckMs: 500 };
const never = { consumerCheckMs: 600_000 };
/** What takes many answers that come late. */
const slow = { withinMs: 30_000 };

describe('liveness', () => {
  let bench: Bench;
  let tap: AmqpTap;
  let log: Lines;

  beforeEach(async () => {
    takenBy.splice(0);
    bench = await Bench.open();
    tap = await AmqpTap.open(bench.broker.amqpUrl);
    log = new Lines();
  });
  afterEach(async () => {
    for (const letGo of hands.splice(0)) letGo();
    await bench.close();
    await tap.close();
  });

  const works = async (what: string, by: string) => {
    await bench.broker.publish(DoWork, { what });
    await eventually(() => expect(takenBy).toContain(`${by}: ${what}`));
  };
  const worksInTurn = async (by: string) => {
    await eventually(async () => {
      await bench.broker.publish(DoWork, { what: 'shared' });
      expect(takenBy).toContain(`${by}: shared`);
    });
  };
  const lostConnection = async (reason: string) => {
    const cause = `${queue}: ${reason}`;
    const node = new URL(tap.url).host;
    const lost = JSON.stringify({ connection: 'tests consuming', node, cause });
    const line = `connection lost ${lost}`;
    await eventually(() => expect(told(line)).toHaveLength(1), { withinMs: 30_000 });
  };
  const told = (part: string) => log.warnings.filter((line) => line.includes(part));

  it('the only consumer is lost in silence: red, put back, one line, green', async () => {
    const replica = await bench.start([worker('ours')], { ...never, log, amqpUrl: tap.url });
    expect(tap.loseConsumers(queue)).toBe(1);
    await red(replica, `${queue}: the broker knows no consumer`);
    // The question itself has woken the supervisor.
    await green(replica);
    expect(told('lost consumer restored')).toHaveLength(1);
    await works('after', 'ours');
  });

  it('lost in silence beside another replica’s: put back, one line', async () => {
    // One that is checked at the very same moment would hide the loss from the count, not the repair.
    await bench.start([worker('other')], { ...never, log });
    const ours = { ...quick, log, amqpUrl: tap.url };
    await bench.start([worker('ours')], ours);
    expect(tap.loseConsumers(queue)).toBeGreaterThan(0);
    await eventually(() => expect(told('lost consumer restored')).toHaveLength(1));
    await worksInTurn('ours');
  });

  it('consumers that are there are checked again and again, without a log line', async () => {
    await bench.start([worker('other')], { ...quick, log });
    await bench.start([worker('ours')], { ...quick, log, amqpUrl: tap.url });
    const before = tap.consumed;
    await eventually(() => expect(tap.consumed).toBeGreaterThan(before + 4));
    expect(log.warnings).toEqual([]);
    await worksInTurn('ours');
  });

  it('being checked is not being missing', async () => {
    tap.latencyMs = 50;
    const options = { consumerCheckMs: 1, log, amqpUrl: tap.url };
    const { health } = await bench.start([worker('ours')], options);
    const problems: string[] = [];
    const before = tap.consumed;
    await eventually(async () => {
      problems.push(...(await health.check()).problems);
      expect(tap.consumed).toBeGreaterThan(before + 6);
    }, slow);
    expect(problems).toEqual([]);
  });

  it('a check does not hand out more than the prefetch', async () => {
    await bench.start([worker('ours', { holds: true })], { ...quick, amqpUrl: tap.url });
    for (let i = 0; i < 5; i += 1) await bench.broker.publish(DoWork, { what: `job ${i}` });
    for (let done = 1; done <= 5; done += 1) {
      await eventually(() => expect(takenBy).toHaveLength(done));
      const { sent } = tap;
      // Two rounds at least while the handler has its one message.
      await eventually(() => expect(tap.sent).toBeGreaterThan(sent + 3));
      expect(takenBy).toHaveLength(done);
      hands.splice(0).forEach((letGo) => letGo());
    }
  });

  it('what comes beyond the prefetch, to a consumer put back with work in hand, is handled', async () => {
    @Injectable()
    class Calculator {
      @OnRpc(Double, { prefetch: 1 })
      async double({ value }: Double): Promise<Doubled> {
        takenBy.push(`${value}`);
        await new Promise<void>((resolve) => hands.push(resolve));
        return { value: 2 * value };
      }
    }
    const options = { ...quick, log, amqpUrl: tap.url };
    const { messages } = await bench.start([Calculator], options);
    const first = messages.ask(Double, { value: 1 });
    await eventually(() => expect(takenBy).toEqual(['1']));
    // A classic queue does not count a consumer any more, whatever that has in hand.
    expect(tap.loseConsumers('tests.double')).toBe(1);
    const second = messages.ask(Double, { value: 2 });
    await eventually(() => expect(told('lost consumer restored')).toHaveLength(1));
    await eventually(async () => expect(await bench.broker.depth('tests.double')).toBe(0));
    hands.splice(0).forEach((letGo) => letGo());
    expect(await first).toEqual({ value: 2 });
    await eventually(() => expect(takenBy).toEqual(['1', '2']));
    hands.splice(0).forEach((letGo) => letGo());
    expect(await second).toEqual({ value: 4 });
  });

  it.each([{ singleActive: true }, { priority: 5 }])(
    'a consumer that is %j keeps its turn: it is never cancelled to be checked',
    async (turn) => {
      await bench.start([worker('first', turn)], { ...quick, log, amqpUrl: tap.url });
      await bench.start([worker('second', { ...turn, priority: undefined })], never);
      const { consumed, sent } = tap;
      await eventually(() => expect(tap.sent).toBeGreaterThan(sent + 30));
      expect(tap.consumed).toBe(consumed);
      await works('still', 'first');
    },
  );

  it('a single active consumer that is lost, with none beside it, is put back', async () => {
    const options = { ...quick, log, amqpUrl: tap.url };
    const replica = await bench.start([worker('ours', { singleActive: true })], options);
    expect(tap.loseConsumers(queue)).toBe(1);
    await eventually(() => expect(told('lost consumer restored')).toHaveLength(1));
    await green(replica);
    await works('after', 'ours');
  });

  it('a connection that beats but does not answer: a new channel, then a new connection', async () => {
    const replica = await bench.start([worker('ours')], { ...quick, log, amqpUrl: tap.url });
    tap.deafen();
    await red(replica, 'no answer from the broker in 2500 ms', { withinMs: 5_000 });
    // The new channel is asked for, and never opens.
    await lostConnection('no answer when consuming');
    await green(replica);
    expect(told('no answer from the broker in 3000 ms')).toHaveLength(1);
    await works('after', 'ours');
  }, 60_000);

  it('a broker that takes nothing for want of disk: red, saying so, until it takes again', async () => {
    const replica = await bench.start([worker('ours')], { ...never, log, amqpUrl: tap.url });
    tap.block('low on disk');
    await red(replica, 'blocked by the broker: low on disk');
    tap.unblock();
    await green(replica);
    await works('after', 'ours');
  });

  it('an exchange is deleted, and the binding with it: messages find the consumer again', async () => {
    @Injectable()
    class Listener {
      @OnFanout(Happened)
      async handle({ what }: Happened): Promise<void> {
        takenBy.push(`listener: ${what}`);
        return Promise.resolve();
      }
    }
    await bench.start([Listener], quick);
    await bench.broker.deleteExchange(Happened.route.exchange);
    await eventually(() => bench.broker.publish(Happened, { what: 'bound again' }));
    await eventually(() => expect(takenBy).toContain('listener: bound again'));
  });

  it('consuming again does not help: a new connection, once in a while, one line', async () => {
    const replica = await bench.start([worker('ours')], { ...never, log, amqpUrl: tap.url });
    tap.losing = queue;
    expect(tap.loseConsumers(queue)).toBe(1);
    // A quorum queue may take a moment to forget a consumer: then the next look finds it missing.
    await eventually(async () => {
      await replica.health.check();
      expect(told('the broker knows no consumer, though it was told to consume')).toHaveLength(1);
    });
    // Lost again, and again consuming does not help: the new connection stays all the same.
    const { consumed } = tap;
    await eventually(async () => {
      await replica.health.check();
      expect(tap.consumed).toBeGreaterThan(consumed + 2);
    });
    tap.losing = undefined;
    await green(replica);
    await works('after', 'ours');
    expect(told('connection lost')).toHaveLength(1);
  });

  it('a new channel that opens does not help: a new connection', async () => {
    const replica = await bench.start([worker('ours')], { ...quick, log, amqpUrl: tap.url });
    tap.dropsPassiveDeclares = true;
    await lostConnection('still no answer from the broker on a new channel');
    expect(told('no answer from the broker in 3000 ms')).toHaveLength(1);
    tap.dropsPassiveDeclares = false;
    await green(replica, { withinMs: 20_000 });
    await works('after', 'ours');
  });

  it('a handler that hangs: red beyond the bound, green when it ends', async () => {
    const replica = await bench.start([worker('ours', { holds: true })], { heldMaxMs: 300 });
    await bench.broker.publish(DoWork, { what: 'hangs' });
    await red(replica, /tests\.do-work: Worker\.handle has had a message for \d+ s/);
    for (const letGo of hands.splice(0)) letGo();
    await green(replica);
  });

  it('frozen: every question is answered in 3 s, says no, and leaves no channel behind', async () => {
    const replica = await bench.start([worker('ours')], { ...never, amqpUrl: tap.url });
    tap.freeze();
    await red(replica, 'no answer from the broker');
    const asked = Array.from({ length: 50 }, () => timed(replica.health));
    const answers = await Promise.all(asked);
    expect(answers.filter(({ ok }) => ok)).toEqual([]);
    expect(Math.max(...answers.map(({ tookMs }) => tookMs))).toBeLessThan(3_000);
    expect(tap.swallowed).toBeLessThan(5);
    tap.thaw();
    await green(replica, { withinMs: 15_000 });
    await works('after', 'ours');
  }, 40_000);
});

async function timed(health: MessagingHealth): Promise<{ ok: boolean; tookMs: number }> {
  const startedAt = performance.now();
  const { ok } = await health.check();
  return { ok, tookMs: performance.now() - startedAt };
}

async function red({ health }: Replica, problem: string | RegExp, options = {}): Promise<void> {
  const stringMatching = expect.stringMatching(problem) as string;
  await eventually(async () => {
    expect((await health.check()).problems).toContainEqual(stringMatching);
  }, options);
}

async function green({ health }: Replica, options = {}): Promise<void> {
  await eventually(
    async () => expect(await health.check()).toMatchObject({ ok: true, problems: [] }),
    options,
  );
}
