import { Injectable } from '@nestjs/common';
import {
  OnRpc,
  Rejected,
  RpcFailed,
  RpcTimeout,
  withTrace,
  type Messages,
  type Received,
} from '@tradepost/messaging';
import { eventually } from '@tradepost/test-kit';
import { Bench, inSimpleMode } from './bench';
import { Double, Doubled, Find, Found } from './contracts';

/** Holds handlers until the test lets them go. */
class Gate {
  private readonly held: (() => void)[] = [];
  private isClosed = false;

  close(): void {
    this.isClosed = true;
  }

  release(): void {
    this.isClosed = false;
    for (const go of this.held.splice(0)) go();
  }

  async pass(): Promise<void> {
    if (this.isClosed) await new Promise<void>((go) => this.held.push(go));
  }
}

const gate = new Gate();
/** The questions of each call. */
const calls: number[][] = [];
const asked = () => calls.flat();
const logged: unknown[] = [];

@Injectable()
class Calculator {
  @OnRpc(Double, { batch: { size: 4 } })
  async double(questions: Received<Double>[]): Promise<(Doubled | Error)[]> {
    const values = questions.map(({ body }) => body.value);
    calls.push(values);
    await gate.pass();
    if (values.includes(14)) throw new Rejected('secret', 'a secret of the inside');
    if (values.includes(15)) return [];
    return values.map((value) => {
      if (value === 13) return new Rejected('unlucky', 'not this one');
      return value === 12 ? new Error('a secret of the inside') : { value: value * 2 };
    });
  }
}

@Injectable()
class Finder {
  @OnRpc(Find)
  async find({ value }: Find): Promise<Found> {
    calls.push([value]);
    await gate.pass();
    if (value === 13) throw new Rejected('unlucky', 'not this one');
    return { value: value * 2 };
  }
}

let bench: Bench;
let messages: Messages;

beforeAll(async () => {
  bench = await Bench.open();
  const silent = () => undefined;
  const log = { log: silent, warn: silent, error: (...all: unknown[]) => logged.push(all) };
  ({ messages } = await bench.start([Calculator, Finder], { log }));
});
afterAll(() => bench.close());
beforeEach(() => {
  calls.splice(0);
  logged.splice(0);
});
afterEach(() => gate.release());

const outcome = async (promise: Promise<{ value: number }>) =>
  promise.then(
    ({ value }) => value,
    (error: unknown) => error,
  );
const double = async (value: number, timeoutMs?: number) =>
  outcome(messages.ask(Double, { value }, { timeoutMs }));
const find = async (value: number, timeoutMs?: number) =>
  outcome(messages.ask(Find, { value }, { timeoutMs }));

describe('a handler of batches', () => {
  /** Asks all of them in one call: while another one, of the question 0, is held. */
  async function together(...values: number[]): Promise<unknown[]> {
    gate.close();
    const first = double(0);
    await eventually(() => expect(calls).toEqual([[0]]));
    const answers = Promise.all(values.map(async (value) => double(value)));
    await eventually(async () => expect(await bench.broker.depth('tests.double')).toBe(0));
    gate.release();
    expect(await first).toBe(0);
    return answers;
  }

  it('gets what gathered while the call before ran, and its answers go to who asked', async () => {
    expect(await together(1, 2, 3)).toEqual([2, 4, 6]);
    expect(calls).toEqual([[0], [1, 2, 3]]);
  });

  it('gets no more than its size', async () => {
    expect(await together(1, 2, 3, 4, 5, 6)).toEqual([2, 4, 6, 8, 10, 12]);
    expect(calls).toEqual([[0], [1, 2, 3, 4], [5, 6]]);
  });

  it('refuses one question, and answers the others', async () => {
    const [one, refused, failed, other] = await together(1, 13, 12, 2);
    expect([one, other]).toEqual([2, 4]);
    expect(refused).toBeInstanceOf(Rejected);
    expect(refused).toMatchObject({ code: 'unlucky', message: 'not this one' });
    expect(failed).toBeInstanceOf(RpcFailed);
    expect(String(failed)).not.toContain('secret');
  });

  it.each([
    ['throws', 14],
    ['answers with too few', 15],
  ])('that %s fails each question of its call, and no other', async (_what, bad) => {
    const answers = await together(1, bad, 2, 3, 4);
    expect(answers.pop()).toBe(8);
    for (const answer of answers) {
      expect(answer).toBeInstanceOf(RpcFailed);
      expect(String(answer)).toMatch(/the handler failed$/);
    }
    expect(logged).toHaveLength(1);
  });

  it('is not asked what has expired meanwhile', async () => {
    gate.close();
    const first = double(1);
    await eventually(() => expect(calls).toEqual([[1]]));
    expect(await double(2, 50)).toBeInstanceOf(RpcTimeout);
    const third = double(3);
    await eventually(async () => expect(await bench.broker.depth('tests.double')).toBe(0));
    gate.release();
    expect(await Promise.all([first, third])).toEqual([2, 6]);
    expect(calls).toEqual([[1], [3]]);
  });

  it('is not asked what is invalid: that is refused alone', async () => {
    const { headers } = await bench.broker.ask('tests.double', { value: 'four' });
    expect(headers['x-error-code']).toBe('invalid_body');
    expect(calls).toEqual([]);
  });
});

describe('equal questions of a read-only contract', () => {
  it('are asked once while they are in flight, and anew after the answer', async () => {
    gate.close();
    const answers = Promise.all([find(1), find(2), find(1), find(1)]);
    await eventually(() => expect([...asked()].sort()).toEqual([1, 2]));
    const late = find(1);
    gate.release();
    expect(await answers).toEqual([2, 4, 2, 2]);
    expect(await late).toBe(2);
    expect(asked()).toHaveLength(2);
    expect(await find(1)).toBe(2);
    expect(asked()).toHaveLength(3);
  });

  it('have an answer each: who changes one changes no other', async () => {
    gate.close();
    const both = Promise.all([1, 1].map(async (value) => messages.ask(Find, { value })));
    gate.release();
    const [one, other] = await both;
    expect(one).toBeInstanceOf(Found);
    expect(other).toEqual(one);
    expect(other).not.toBe(one);
    expect(asked()).toEqual([1]);
  });

  it('share a refusal', async () => {
    const refusals = await Promise.all([find(13), find(13)]);
    expect(refusals).toMatchObject([{ code: 'unlucky' }, { code: 'unlucky' }]);
    expect(asked()).toEqual([13]);
  });

  it('have deadlines of their own: one that is over takes no other with it', async () => {
    gate.close();
    const patient = find(1);
    const hasty = find(1, 50);
    expect(await hasty).toBeInstanceOf(RpcTimeout);
    gate.release();
    expect(await patient).toBe(2);
    expect(asked()).toEqual([1]);
  });

  inSimpleMode('are asked again for who has time left when the first caller has none', async () => {
    class FindLater extends Find {
      static override readonly route = { ...Find.route, queue: 'tests.find-later' };
    }
    @Injectable()
    class LateFinder {
      @OnRpc(FindLater)
      async find({ value }: FindLater): Promise<Found> {
        return Promise.resolve({ value: value * 2 });
      }
    }
    await bench.broker.declareQueue('tests.find-later');
    const ask = async (timeoutMs: number) =>
      outcome(messages.ask(FindLater, { value: 1 }, { timeoutMs }));
    const [hasty, patient] = [ask(50), ask(30_000)];
    expect(await hasty).toBeInstanceOf(RpcTimeout);
    await bench.start([LateFinder], { service: 'late' });
    expect(await patient).toBe(2);
  });

  it('of another contract are asked one by one', async () => {
    expect(await Promise.all([double(1), double(1)])).toEqual([2, 2]);
    expect(asked()).toEqual([1, 1]);
  });
});

it('a caller with little time is not kept waiting by one with much', async () => {
  gate.close();
  const patient = find(1, 60_000);
  expect(await find(2, 20)).toBeInstanceOf(RpcTimeout);
  expect(await find(3, 10)).toBeInstanceOf(RpcTimeout);
  gate.release();
  expect(await patient).toBe(2);
});

it('a question of a flow has an answer of its own, beside others of that flow', async () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const both = withTrace(traceparent, async () => Promise.all([double(1), double(2)]), 'flow');
  expect(await both).toEqual([2, 4]);
});
