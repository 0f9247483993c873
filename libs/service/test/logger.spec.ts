import type { LogEntry } from '@tradepost/contracts';
import { LogEntry as LogEntryContract } from '@tradepost/contracts';
import { DatabaseUnavailable } from '@tradepost/database';
import { currentTrace, withTrace } from '@tradepost/messaging';
import { eventually } from '@tradepost/test-kit';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { formatText } from '../src/logging/log-format';
import { ServiceLogger } from '../src/logging/service-logger';

function logger(more: { level?: LogEntry['level']; topicPerSecondMax?: number } = {}) {
  const lines: string[] = [];
  const subject = new ServiceLogger({
    service: 'shop',
    level: 'debug',
    format: 'json',
    coloured: false,
    topicPerSecondMax: 1_000,
    write: (line) => lines.push(line),
    ...more,
  });
  const entries = () => lines.map((line) => JSON.parse(line) as LogEntry);
  return { subject, lines, entries, last: () => entries().at(-1) };
}

describe('the logger', () => {
  it("maps Nest's levels to those of the contract", () => {
    const { subject, entries } = logger();

    subject.verbose('v');
    subject.debug('d');
    subject.log('l');
    subject.warn('w');
    subject.error('e');
    subject.fatal('f');

    expect(entries().map(({ level, message }) => `${level} ${message}`)).toEqual([
      'debug v',
      'debug d',
      'info l',
      'warning w',
      'error e',
      'critical f',
    ]);
  });

  it('logs what Nest tells of modules and routes for debugging alone', () => {
    const { subject, entries } = logger({ level: 'info' });

    subject.log('Mapped {/v1/orders, GET} route', 'RouterExplorer');
    subject.warn('Duplicate route', 'RouterExplorer');

    expect(entries().map(({ message }) => message)).toEqual(['Duplicate route']);
  });

  it('logs no line below its level', () => {
    const { subject, entries } = logger({ level: 'warning' });

    subject.log('quiet');
    subject.warn('loud');

    expect(entries().map(({ message }) => message)).toEqual(['loud']);
  });

  it('takes the last text for the context and objects for data', () => {
    const { subject, last } = logger();

    subject.log('placed', { orderId: '7' }, 'PlaceOrder');

    expect(last()).toMatchObject({
      service: 'shop',
      message: 'placed',
      context: 'PlaceOrder',
      data: { orderId: '7' },
    });
  });

  it('keeps the stack of an error, given as such or as a text', () => {
    const { subject, last } = logger();
    const error = new TypeError('broken');

    subject.error('failed', error, 'PlaceOrder');
    expect(last()?.data).toEqual({ error: 'TypeError: broken', stack: error.stack });
    subject.error('failed', { orderId: '7', error });
    expect(last()?.data).toEqual({
      orderId: '7',
      error: 'TypeError: broken',
      stack: error.stack,
    });
    subject.error('failed', error.stack, 'PlaceOrder');
    expect(last()?.data).toEqual({ stack: error.stack });
    subject.error(error);
    expect(last()).toMatchObject({ message: 'broken', data: { error: 'TypeError: broken' } });
  });

  it('has no stack of an error that says all by its message', () => {
    const { subject, last } = logger();

    subject.error('failed', { error: new DatabaseUnavailable(new Error('gone')) });

    const error = 'DatabaseUnavailable: the database cannot do this now: gone';
    expect(last()?.data).toEqual({ error });
  });

  it('carries the trace id of the flow that logs', () => {
    const { subject, last } = logger();
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

    withTrace(`00-${traceId}-00f067aa0ba902b7-01`, () => subject.log('traced'));

    expect(last()?.traceId).toBe(traceId);
  });

  it('makes an entry that the contract allows of any arguments', () => {
    const { subject, entries } = logger();
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;

    subject.log('x'.repeat(100_000), 'c'.repeat(1_000));
    subject.log('cycle', cycle);
    subject.log('bigint', { amount: 10n });
    subject.log('huge', { body: 'x'.repeat(1_000_000) });
    subject.log(undefined);
    subject.log(['a', 'list'], 42, null);

    expect(entries()).toHaveLength(6);
    for (const entry of entries()) {
      expect(validateSync(plainToInstance(LogEntryContract, entry))).toEqual([]);
      expect(JSON.stringify(entry).length).toBeLessThan(40_000);
    }
  });

  it('keeps the other fields beside one that is huge or cannot be printed', () => {
    const { subject, last } = logger();
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;

    subject.log('odd', { orderId: '7', cycle, paymentId: '8', body: 'x'.repeat(1_000_000) });

    expect(last()?.data).toEqual({
      orderId: '7',
      cycle: expect.stringContaining('unprintable'),
      paymentId: '8',
      body: expect.stringMatching(/^"x{10000}/),
    });
  });

  it('writes text for people, with the stack below', () => {
    const format = formatText(false);
    const time = '2025-01-02T03:04:05.678Z';

    expect(
      format({
        level: 'error',
        service: 'shop',
        message: 'failed',
        time,
        context: 'PlaceOrder',
        traceId: 'abc',
        data: { orderId: '7', stack: 'Error: x\n    at y' },
      }),
    ).toBe(
      '03:04:05.678 error    PlaceOrder failed {"orderId":"7"} trace=abc\n  Error: x\n      at y\n',
    );
  });

  it('says what is wrong once, in the line, and where below it', () => {
    const entry = { level: 'error', service: 'shop', time: '2025-01-02T03:04:05.678Z' } as const;
    const data = { error: 'TypeError: x\ny', stack: 'TypeError: x\ny\n    at z (a.ts:1:2)' };

    expect(formatText(false)({ ...entry, message: 'failed', data })).toBe(
      '03:04:05.678 error    failed {"error":"TypeError: x\\ny"}\n      at z (a.ts:1:2)\n',
    );
  });

  const control = String.fromCharCode(...Array(32).keys(), 0x7f, 0x85, 0x9b);
  const forged = `x\r\n12:00:00.000 info     Shop all is well\u001b[2J\u2028\u2029\u202E${control}`;

  it.each<[string, Partial<LogEntry>]>([
    ['message', { message: forged }],
    ['context', { context: forged }],
    ['trace', { traceId: forged }],
    ['field', { data: { orderId: forged } }],
    ["field's name", { data: { [forged]: 1 } }],
    ['stack', { data: { stack: `Error: ${forged}\n    at y` } }],
  ])('neither begins a line nor steers a terminal by a %s', (_what, entry) => {
    const given = { level: 'info', service: 'shop', time: new Date().toISOString() } as const;
    const text = formatText(false)({ ...given, message: 'm', ...entry });
    const [first = '', ...below] = text.slice(0, -1).split('\n');

    expect(first).toMatch(/^\d\d:\d\d:\d\d\.\d{3} info /);
    for (const line of below) expect(line).toMatch(/^ {2}/);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202E]/u);
  });

  it('shows what it escapes', () => {
    const entry = { level: 'info', service: 'shop', time: '2025-01-02T03:04:05.678Z' } as const;
    const message = 'a\r\n\tb\u001b[31m \u0085\u202Ec \u{1F408} é \\n';

    expect(formatText(false)({ ...entry, message })).toBe(
      '03:04:05.678 info     a\\r\\n\\tb\\u001b[31m \\u0085\\u202ec \u{1F408} é \\n\n',
    );
  });
});

describe('the logger, towards the topic', () => {
  type Told = { level: string; entries: LogEntry[] };

  /** What the topic took, a message a line; `takes` says whether it can. */
  function tellThrough(subject: ServiceLogger, takes = () => true): Told[] {
    const told: Told[] = [];
    subject.tellThrough((level, { entries }) => takes() && told.push({ level, entries }) > 0);
    return told;
  }

  const texts = (told: Told[]) =>
    told.flatMap(({ entries }) => entries.map(({ message }) => message));

  it('publishes each line that it prints', async () => {
    const { subject, entries } = logger();
    const told = tellThrough(subject);

    subject.warn('watch out', { orderId: '7', at: new Date(0), tries: 3, left: undefined });

    await eventually(() => expect(told).toHaveLength(1));
    expect(JSON.parse(JSON.stringify(told[0]?.entries))).toEqual(entries());
    expect(subject.dropped).toBe(0);
  });

  it('numbers the lines of each level that the topic took', async () => {
    const { subject } = logger();
    const told: { level: string; lines: number; first?: number; instance?: string }[] = [];
    let takes = false;
    subject.tellThrough((level, { entries, sequence }) => {
      if (takes) told.push({ level, lines: entries.length, ...sequence });
      return takes;
    });
    subject.log('one');
    subject.log('two');
    subject.warn('other');
    takes = true;
    await eventually(() => expect(told).toHaveLength(2));
    subject.log('three');
    await eventually(() => expect(told).toHaveLength(3));
    const instance = told[0]?.instance;
    expect(told).toEqual([
      { level: 'info', lines: 2, first: 1, instance },
      { level: 'warning', lines: 1, first: 1, instance },
      { level: 'info', lines: 1, first: 3, instance },
    ]);
    expect(instance).toMatch(/^[\da-f-]{36}$/);
  });

  it('publishes the lines of a turn in one message for each level, of no flow', async () => {
    const { subject } = logger();
    const told = tellThrough(subject);
    const traces: unknown[] = [];
    subject.tellThrough((level, { entries }) => {
      traces.push(currentTrace());
      return told.push({ level, entries }) > 0;
    });

    for (const n of [1, 2, 3]) {
      withTrace(undefined, () => {
        subject.log(`info ${n}`);
        subject.warn(`warning ${n}`);
      });
    }

    await eventually(() => expect(told).toHaveLength(2));
    expect(told.map(({ level }) => level)).toEqual(['info', 'warning']);
    expect(texts(told)).toEqual([
      'info 1',
      'info 2',
      'info 3',
      'warning 1',
      'warning 2',
      'warning 3',
    ]);
    const ids = told.flatMap(({ entries }) => entries.map(({ traceId }) => traceId));
    expect(new Set(ids).size).toBe(3);
    expect(traces).toEqual([undefined, undefined]);
  });

  it('makes no message of more than 100 lines, or much more than 64 KiB', async () => {
    const { subject } = logger();
    const told = tellThrough(subject);

    for (let line = 0; line < 250; line += 1) subject.log(String(line));
    for (let line = 0; line < 10; line += 1) subject.warn('x'.repeat(8_192));

    await eventually(() => expect(texts(told)).toHaveLength(260));
    expect(texts(told).slice(0, 250)).toEqual(Array.from({ length: 250 }, (_, n) => String(n)));
    expect(told.map(({ entries }) => entries.length)).toEqual([100, 100, 50, 8, 2]);
  });

  it('publishes the lines from before there was a broker, in order, when there is one', async () => {
    const { subject } = logger();
    subject.log('first');
    subject.tellThrough(() => {
      throw new Error('no broker');
    });
    subject.log('second');

    const told = tellThrough(subject);
    subject.log('third');

    await eventually(() => expect(texts(told)).toEqual(['first', 'second', 'third']));
    expect(subject.dropped).toBe(0);
  });

  it('retries by itself when the topic could not take lines, and loses no order of a level', async () => {
    const { subject } = logger();
    let left = 2;
    const told = tellThrough(subject, () => (left -= 1) >= 0 || left < -1);

    for (let line = 0; line < 100; line += 1) subject.log(String(line));
    for (let line = 100; line < 320; line += 1) subject.log(String(line));

    await eventually(() => expect(texts(told)).toHaveLength(320));
    expect(texts(told)).toEqual(Array.from({ length: 320 }, (_, n) => String(n)));
    expect(subject.dropped).toBe(0);
  });

  it('keeps 1,000 lines for later, and counts those beyond as dropped', () => {
    const { subject, lines } = logger({ topicPerSecondMax: 10_000 });
    tellThrough(subject, () => false);

    for (let line = 0; line < 1_050; line += 1) subject.log('again');

    expect(lines).toHaveLength(1_050);
    expect(subject.dropped).toBe(50);
  });

  it('keeps about a megabyte for later', () => {
    const { subject } = logger();
    tellThrough(subject, () => false);

    for (let line = 0; line < 200; line += 1) subject.log('x'.repeat(8_192));

    expect(subject.dropped).toBeGreaterThan(50);
    expect(subject.dropped).toBeLessThan(100);
  });

  it('reports how many lines are missing, once the topic takes lines again', async () => {
    const { subject } = logger({ topicPerSecondMax: 10_000 });
    let away = true;
    const told = tellThrough(subject, () => !away);
    for (let line = 0; line < 1_050; line += 1) subject.log('again');

    away = false;

    await eventually(() => expect(texts(told)).toHaveLength(1_001));
    expect(told.at(-1)).toMatchObject({
      level: 'warning',
      entries: [{ message: 'log lines did not reach the topic', data: { count: 50 } }],
    });
  });

  it('does not publish what publishing logs', async () => {
    const { subject, lines } = logger();
    let told = 0;
    subject.tellThrough(() => {
      told += 1;
      subject.error('telling failed');
      return true;
    });

    subject.log('once');

    await eventually(() => expect(told).toBe(1));
    expect(lines).toHaveLength(2);
    expect(subject.dropped).toBe(1);
  });

  it('publishes no more lines a second than its limit', async () => {
    const { subject, lines } = logger({ topicPerSecondMax: 3 });
    const told = tellThrough(subject);

    for (let line = 0; line < 10; line += 1) subject.log('again');

    await eventually(() => expect(texts(told).slice(0, 3)).toEqual(['again', 'again', 'again']));
    expect(lines).toHaveLength(10);
    expect(subject.dropped).toBe(7);
  });

  it('publishes what waits when it closes, and each line after that at once', () => {
    const { subject } = logger();
    const told = tellThrough(subject);

    subject.log('one of the last');
    subject.close();
    expect(texts(told)).toEqual(['one of the last']);
    subject.log('the last');
    expect(texts(told)).toEqual(['one of the last', 'the last']);
  });
});
