import { Injectable } from '@nestjs/common';
import {
  MessagingHealth,
  OnRpc,
  OnWork,
  RpcFailed,
  WiringError,
  type Message,
} from '@tradepost/messaging';
import { eventually } from '@tradepost/test-kit';
import { Bench, type Replica } from './bench';
import { DoWork, Double, Doubled } from './contracts';

/** Holds handlers until the test lets them go. */
class Gate {
  private open: () => void = () => undefined;
  private closed?: Promise<void>;

  close(): void {
    this.closed = new Promise((resolve) => (this.open = resolve));
  }

  release(): void {
    this.open();
    this.closed = undefined;
  }

  async pass(): Promise<void> {
    await this.closed;
  }
}

const gate = new Gate();
const started: string[] = [];
const finished: string[] = [];
const doubled: number[] = [];

@Injectable()
class Worker {
  @OnWork(DoWork, { prefetch: 5 })
  async handle({ what }: DoWork, _message: Message): Promise<void> {
    started.push(what);
    await gate.pass();
    finished.push(what);
  }
}

@Injectable()
class Calculator {
  @OnRpc(Double)
  async double({ value }: Double): Promise<Doubled> {
    doubled.push(value);
    await gate.pass();
    return { value: value * 2 };
  }
}

const queue = 'tests.do-work';

describe('a runtime that loses what it stands on', () => {
  let bench: Bench;
  let replica: Replica;

  beforeEach(async () => {
    started.splice(0);
    finished.splice(0);
    doubled.splice(0);
    bench = await Bench.open();
    replica = await bench.start([Worker, Calculator]);
  });
  afterEach(async () => {
    gate.release();
    await bench.close();
  });

  const works = async (what: string) => {
    await eventually(() => bench.broker.publish(DoWork, { what }));
    await eventually(() => expect(finished).toContain(what));
  };

  it('connection killed mid-handler: the process lives, the message is handled', async () => {
    gate.close();
    await bench.broker.publish(DoWork, { what: 'interrupted' });
    await eventually(() => expect(started).toEqual(['interrupted']));
    expect(await bench.broker.closeConnections()).toBeGreaterThan(0);
    // It comes again on the new connection while the first call still runs.
    await eventually(() => expect(started).toEqual(['interrupted', 'interrupted']));
    gate.release();
    await eventually(() => expect(finished).toHaveLength(2));
    await eventually(async () => expect((await replica.health.check()).ok).toBe(true));
    expect(await bench.broker.depth(queue)).toBe(0);
    await works('afterwards');
  });

  it('connection killed while an rpc waits: the caller learns it', async () => {
    gate.close();
    const asked = replica.messages.ask(Double, { value: 1 }, { timeoutMs: 20_000 });
    const outcome = asked.catch((error: unknown) => error);
    // Not killed before the question is on its way: the answerer holds it at the gate.
    await eventually(async () => expect(await bench.broker.depth('tests.double')).toBe(0));
    await bench.broker.closeConnections();
    expect(await outcome).toBeInstanceOf(RpcFailed);
    gate.release();
    await eventually(async () => {
      expect((await replica.messages.ask(Double, { value: 2 }, { timeoutMs: 1_000 })).value).toBe(
        4,
      );
    });
  });

  it('a question with a nonsensical reply_to does not come back', async () => {
    // RabbitMQ 3.10 drops the connection that publishes to it.
    const replyTo = 'amq.rabbitmq.reply-to.!.!';
    await bench.broker.sendToQueue('tests.double', { value: 1 }, { replyTo });
    await eventually(() => expect(doubled).toEqual([1]));
    // The broker hands out again whatever it still has of it.
    await bench.broker.closeConnections();
    await works('afterwards');
    const { value } = await replica.messages.ask(Double, { value: 2 });
    expect(value).toBe(4);
    expect(doubled).toEqual([1, 2]);
  });

  it('consumer cancelled by the broker: consuming again within 5 s', async () => {
    await bench.broker.deleteQueue(queue);
    await eventually(
      async () => {
        await bench.broker.publish(DoWork, { what: 'after the cancel' });
        expect(finished).toContain('after the cancel');
      },
      { withinMs: 5_000 },
    );
    expect(await replica.health.check()).toMatchObject({ ok: true, problems: [] });
  });

  it('consumer cancelled mid-handler: what is in flight is finished', async () => {
    gate.close();
    await bench.broker.publish(DoWork, { what: 'in flight' });
    await eventually(() => expect(started).toEqual(['in flight']));
    await bench.broker.deleteQueue(queue);
    gate.release();
    await eventually(() => expect(finished).toEqual(['in flight']));
    await works('afterwards');
  });

  it('shutdown under load: nothing started after close, everything started finished and acked', async () => {
    gate.close();
    const jobs = Array.from({ length: 30 }, (_, i) => `job ${i}`);
    await Promise.all(jobs.map((what) => bench.broker.publish(DoWork, { what })));
    await eventually(() => expect(started).toHaveLength(5));
    const closing = replica.app.close();
    // Once its consumer is gone from the broker nothing new can begin.
    await eventually(async () => {
      const health = await replica.health.check();
      expect(health.ok).toBe(false);
    });
    gate.release();
    await closing;
    expect(finished).toEqual(started);
    const left = 30 - finished.length;
    await eventually(async () => expect(await bench.broker.depth(queue)).toBe(left));
    await bench.start([Worker]);
    await eventually(() => expect(finished).toHaveLength(30));
    expect([...finished].sort()).toEqual([...jobs].sort());
  });

  it('shutdown with a handler that hangs: the message goes back, close ends in its bound', async () => {
    const hanging = await bench.start([], { service: 'idle' });
    await hanging.app.close();
    await replica.app.close();
    const impatient = await bench.start([Worker], { drainTimeoutMs: 300 });
    gate.close();
    await bench.broker.publish(DoWork, { what: 'hangs' });
    await eventually(() => expect(started).toContain('hangs'));
    await impatient.app.close();
    await eventually(async () => expect(await bench.broker.depth(queue)).toBe(1));
  });
});

describe('wiring that cannot work', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await Bench.open();
  });
  afterAll(() => bench.close());

  @Injectable()
  class Rival {
    @OnWork(DoWork)
    async handle(): Promise<void> {
      return Promise.resolve();
    }
  }

  it('two handlers on one queue: the start fails, naming both and what to do', async () => {
    const start = bench.create([Worker, Rival]);
    await expect(start).rejects.toBeInstanceOf(WiringError);
    await expect(start).rejects.toThrow(/Worker\.handle.*Rival\.handle.*tests\.do-work/);
  });

  it('no broker: the start succeeds, readiness says why not, shutdown is clean', async () => {
    const amqpUrl = 'amqp://guest:guest@127.0.0.1:1';
    const app = await bench.create([Worker], { amqpUrl });
    expect(await app.get(MessagingHealth).check()).toEqual({
      ok: false,
      problems: ['not connected to the broker'],
      nodes: [],
    });
    await app.close();
  });
});
