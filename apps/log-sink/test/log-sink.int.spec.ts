import { Logger } from '@nestjs/common';
import { LogEntries, type LogEntry, type LogLevel } from '@tradepost/contracts';
import { eventually, testService, type TestService } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { LogSinkModule } from '../src/log-sink.module';

interface Entry {
  id: string;
  time: string;
  level: LogLevel;
  service: string;
  message: string;
  traceId: string | null;
  data: object | null;
  /** Of an alert. */
  count?: number;
}

interface EntryPage {
  items: Entry[];
  nextCursor: string | null;
}

let service: TestService;

beforeAll(async () => {
  service = await testService(LogSinkModule);
});

afterAll(async () => {
  await service.stop();
});

async function list(path: string, query: Record<string, string> = {}): Promise<EntryPage> {
  const response = await fetch(
    `${service.url}/v1/${path}?${new URLSearchParams(query).toString()}`,
  );
  expect(response.status).toBe(200);
  return (await response.json()) as EntryPage;
}

interface TellOptions {
  key?: string;
  messageId?: string;
  timestamp?: number;
}

async function tellAll(entries: Partial<LogEntry>[], options: TellOptions = {}) {
  const { level = 'info' } = entries[0] ?? {};
  const common = { level, service: 'shop', message: 'hello', time: new Date().toISOString() };
  const full = entries.map((entry) => ({ ...common, ...entry }));
  await service.broker.publish(LogEntries, { entries: full }, { key: `log.${level}`, ...options });
}

async function tell(entry: Partial<LogEntry>, options: TellOptions = {}) {
  await tellAll([entry], options);
}

/** `<level> <count>` of a service's. */
async function alertsOf(service: string): Promise<string[]> {
  const { items } = await list('alerts', { limit: '100' });
  const ours = items.filter((alert) => alert.service === service);
  return ours.map(({ level, count }) => `${level} ${count}`).sort();
}

const levels: LogLevel[] = ['debug', 'info', 'warning', 'error', 'critical'];

describe('the three queues', () => {
  it('store every level, and raise alerts for critical and repeated warnings alone', async () => {
    await Promise.all(levels.map(async (level) => tell({ level, service: 'levels' })));

    await eventually(async () => {
      const { items } = await list('logs', { service: 'levels' });
      expect(items.map(({ level }) => level).sort()).toEqual([...levels].sort());
      expect(await alertsOf('levels')).toEqual(['critical 1']);
    });
    // Of one second, so that they are of one window.
    const warning = { level: 'warning', service: 'levels', message: 'again' } as const;
    for (let n = 0; n < 10; n += 1) await tell({ ...warning, time: '2026-01-01T00:00:00Z' });
    await eventually(async () => {
      expect(await alertsOf('levels')).toEqual(['critical 1', 'warning 10']);
    });
    const { items } = await list('alerts', { level: 'critical' });
    expect(items.every(({ level }) => level === 'critical')).toBe(true);
  });

  it('hear warning and critical wherever in the key they stand', async () => {
    const time = '2026-01-01T00:00:00Z';
    const entries = Array.from({ length: 10 }, () => ({
      ...{ level: 'warning' as const, service: 'keys', time },
    }));
    await tellAll(entries, { key: 'eu.shop.warning.disk' });
    await tell({ level: 'critical', service: 'keys' }, { key: 'critical' });

    await eventually(async () => {
      expect(await alertsOf('keys')).toEqual(['critical 1', 'warning 10']);
    });
    expect((await list('logs', { service: 'keys' })).items).toEqual([]);
  });

  it('store a message that comes twice once', async () => {
    const messageId = '0192f0c4-7a1b-7c3d-8e4f-5a6b7c8d9e0f';
    const time = new Date().toISOString();
    await tell({ level: 'critical', service: 'twice', time }, { messageId });
    await tell({ level: 'critical', service: 'twice', time }, { messageId });
    const data = { orderId: '7' };
    await tell({ level: 'critical', service: 'twice', message: 'the last', data });

    await eventually(async () => {
      const logs = await list('logs', { service: 'twice' });
      expect(logs.items.map(({ message }) => message)).toEqual(['the last', 'hello']);
      expect(await alertsOf('twice')).toEqual(['critical 1', 'critical 1']);
    });
  });

  it('store each line of a message, as often as it comes, under its place in it', async () => {
    const messageId = '0192f0c4-7a1b-7c3d-8e4f-5a6b7c8d9e10';
    const time = new Date().toISOString();
    const lines = Array.from({ length: 12 }, (_, n) => ({
      service: 'lines',
      message: `${n}`,
      time,
    }));
    const future = { service: 'lines', message: 'future', time: '9999-01-01T00:00:00Z' };
    const timestamp = Math.floor(Date.now() / 1_000) + 1;
    await tellAll([...lines, future], { messageId, timestamp });
    await tellAll([...lines, future], { messageId, timestamp });
    await tell({
      service: 'lines',
      message: 'the last',
      time: new Date(timestamp * 1_000 + 1).toISOString(),
    });

    await eventually(async () => {
      const { items } = await list('logs', { service: 'lines' });
      const newestFirst = [...lines].reverse().map(({ message }) => message);
      expect(items.map(({ message }) => message)).toEqual(['the last', 'future', ...newestFirst]);
      expect(items.slice(2).map(({ id }) => id)).toEqual(
        [...lines.keys()]
          .reverse()
          .map((place) => `${messageId}.${String(place).padStart(3, '0')}`),
      );
    });
  });

  it('store what PostgreSQL or JavaScript would choke on', async () => {
    const before = Date.now();
    await tell({
      service: 'odd',
      message: 'a\0b',
      data: { text: '\0', lone: '\ud800', '\0': '\\u0000 😀' },
    });
    await tell({ service: 'odd', message: 'leap', time: '2016-12-31T23:59:60Z' });
    await tell({ service: 'odd', message: 'future', time: '9999-01-01T00:00:00Z' });

    const { items } = await eventually(async () => {
      const page = await list('logs', { service: 'odd' });
      expect(page.items).toHaveLength(3);
      return page;
    });
    const { message, data } = items.find((entry) => entry.data !== null) ?? {};
    expect({ message, data }).toEqual({
      message: 'a\uFFFDb',
      data: { text: '\uFFFD', lone: '\uFFFD', '\uFFFD': '\\u0000 😀' },
    });
    // Seconds: the time of a message has no more.
    for (const { time } of items) expect(Date.parse(time)).toBeGreaterThan(before - 2_000);
    for (const { time } of items) expect(Date.parse(time)).toBeLessThan(Date.now() + 1_000);
  });

  it('counts lines of a service whose name no database stores, and none by an impossible number', async () => {
    for (const first of [1, 1e300]) {
      const entry = {
        level: 'info',
        service: `half \ud800 ${first}`,
        message: 'line',
        time: new Date().toISOString(),
      };
      const sequence = { instance: randomUUID(), first };
      const body = { entries: [entry], sequence } as LogEntries;
      await service.broker.publish(LogEntries, body, { key: 'log.info' });
    }
    await eventually(async () => {
      for (const first of [1, 1e300]) {
        expect((await list('logs', { service: `half \uFFFD ${first}` })).items).toHaveLength(1);
      }
    });
    const { items } = await list('logs/arrivals');
    const named = items.filter((one) => one.service.startsWith('half'));
    expect(named).toEqual([expect.objectContaining({ service: 'half \uFFFD 1', received: 1 })]);
  });

  const now = Math.floor(Date.now() / 1_000);
  const anHourAgo = now - 3_600;
  const tomorrow = now + 25 * 3_600;
  const own = new Date((now - 60) * 1_000).toISOString();
  const ahead = new Date((now + 23 * 3_600) * 1_000).toISOString();

  it.each<[string, string, number | undefined, string | undefined]>([
    ['an entry’s, sent in milliseconds', own, Date.now(), own],
    ['an entry’s, sent in 1970', own, 12_345, own],
    ['an entry’s, of a clock that is 23 hours ahead', ahead, now, ahead],
    ['an entry’s, sent at no time', own, 0, own],
    ['an entry’s, sent after the year 9999', own, 2 ** 53, own],
    [
      'a message’s, of 1969',
      '1969-12-31T23:59:59Z',
      anHourAgo,
      new Date(anHourAgo * 1_000).toISOString(),
    ],
    [
      'a message’s, of a leap second',
      '2016-12-31T23:59:60Z',
      anHourAgo,
      new Date(anHourAgo * 1_000).toISOString(),
    ],
    ['the clock’s, of milliseconds and of 1969', '1969-12-31T23:59:59Z', Date.now(), undefined],
    ['the clock’s, of tomorrow and the day after', '9999-01-01T00:00:00Z', tomorrow, undefined],
    ['the clock’s, of the year 0 and of none', '0000-01-01T00:00:00Z', undefined, undefined],
  ])('store an entry under a time that can be: %s', async (message, time, timestamp, stored) => {
    await tell({ service: 'times', level: 'warning', message, time }, { timestamp });
    const storedAt = await eventually(async () => {
      const { items } = await list('logs', { service: 'times', limit: '100' });
      const found = items.find((entry) => entry.message === message);
      if (found === undefined) throw new Error('it is not stored');
      return Date.parse(found.time);
    });
    if (stored !== undefined) expect(storedAt).toBe(Date.parse(stored));
    else expect(Math.abs(storedAt - Date.now())).toBeLessThan(60_000);
  });

  it('dead-letter what is no list of log entries, and store the rest of its batch', async () => {
    await service.broker.sendToQueue('logs', { entries: [{ level: 'loud' }] });
    await service.broker.sendToQueue('logs', Buffer.from('{'));
    await tell({ service: 'beside' });

    await eventually(async () => {
      expect((await list('logs', { service: 'beside' })).items).toHaveLength(1);
      expect(await service.broker.deadLetters('logs')).toHaveLength(2);
    });
  });
});

describe('GET /v1/logs', () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

  it('finds entries by level, by trace and by the words of their message', async () => {
    await tell({ service: 'find', level: 'error', message: 'Card declined: 100%', traceId });
    await tell({ service: 'find', level: 'info', message: 'card accepted' });
    await tell({ service: 'find', level: 'warning', message: 'Éclair sold, ÅNGSTRÖM too' });

    await eventually(async () => {
      expect((await list('logs', { service: 'find' })).items).toHaveLength(3);
    });
    const found = async (query: Record<string, string>) => {
      const { items } = await list('logs', { service: 'find', ...query });
      return items.map(({ message }) => message);
    };
    expect(await found({ level: 'info' })).toEqual(['card accepted']);
    expect(await found({ level: 'error' })).toEqual(['Card declined: 100%']);
    expect(await found({ traceId })).toEqual(['Card declined: 100%']);
    expect(await found({ q: 'éCLAIR' })).toHaveLength(1);
    expect(await found({ q: 'ångström' })).toHaveLength(1);
    expect(await found({ q: 'CARD' })).toEqual(['card accepted', 'Card declined: 100%']);
    expect(await found({ q: '100% decl' })).toEqual(['Card declined: 100%']);
    expect(await found({ q: 'clined' })).toEqual([]);
    expect(await found({ q: 'card', level: 'error', traceId })).toEqual(['Card declined: 100%']);
  });

  it('finds entries by the fields of their data, which must all fit', async () => {
    const [orderId, other] = ['01993f2a-7c1e-7a34-9d1b-2f5a8c7e6b10', 'say "7" \\ $.x == *'];
    await tell({ service: 'fields', message: 'paid', data: { orderId, state: 'paid', tries: 3 } });
    await tell({ service: 'fields', message: 'shipped', data: { orderId, state: 'shipped' } });
    await tell({ service: 'fields', message: 'odd', data: { orderId: other, tries: '3' } });
    await tell({ service: 'fields', message: 'none' });

    await eventually(async () => {
      expect((await list('logs', { service: 'fields' })).items).toHaveLength(4);
    });
    const found = async (query: Record<string, string>) => {
      const { items } = await list('logs', query);
      return items.map(({ message }) => message);
    };
    expect(await found({ 'field.orderId': orderId })).toEqual(['shipped', 'paid']);
    expect(await found({ 'field.orderId': orderId, 'field.state': 'paid' })).toEqual(['paid']);
    expect(await found({ 'field.orderId': orderId, q: 'SHIP' })).toEqual(['shipped']);
    expect(await found({ 'field.orderId': other })).toEqual(['odd']);
    expect(await found({ 'field.tries': '3' })).toEqual(['odd', 'paid']);
    expect(await found({ 'field.tries': '03' })).toEqual([]);
    const most = ['a', 'b', 'c', 'd', 'e'].map((name) => [`field.${name}`, '7'.repeat(200)]);
    expect(await found(Object.fromEntries(most) as Record<string, string>)).toEqual([]);
    const first = await list('logs', { 'field.orderId': orderId, limit: '1' });
    expect(await found({ 'field.orderId': orderId, cursor: String(first.nextCursor) })).toEqual([
      'paid',
    ]);
  });

  it.each([
    'level=loud',
    'traceId=1',
    'cursor=nonsense',
    'q=',
    'q=_',
    'from=yesterday',
    'to=2026-13-01T00:00:00Z',
    'from=2026-01-01',
    'limit=1000',
    'page=2',
    'field=',
    'field=7',
    'field=7&field=8',
    'field.=7',
    'field.orderId=',
    'field.orderId=7&field.orderId=8',
    'field.order-id=7',
    'field.orderId=7&field.state=',
    'field.a.b=7',
    'field.__proto__=7',
    'field.constructor=7',
    'field.toString=7',
    '__proto__.field=7',
    'constructor.field=7',
    'data.orderId=7',
    'field.a=1&field.b=1&field.c=1&field.d=1&field.e=1&field.f=1',
    `field.orderId=${'7'.repeat(201)}`,
  ])('refuses %s', async (query) => {
    const response = await fetch(`${service.url}/v1/logs?${query}`);

    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });
});

describe('GET /v1/logs', () => {
  it('gives all page by page, newest first, each once, also while new ones come', async () => {
    const entry = { service: 'pages', level: 'critical' } as const;
    const start = Date.now();
    const told = Array.from({ length: 25 }, (_, n) => {
      return { ...entry, message: `${n}`, time: new Date(start + Math.floor(n / 5)).toISOString() };
    });
    await tellAll(told);
    const page = async (query: Record<string, string>) => {
      const { items, nextCursor } = await list('logs', { level: 'critical', ...query });
      const ours = items.filter(({ service }) => service === entry.service);
      return { messages: ours.map(({ message }) => message), nextCursor };
    };
    await eventually(async () => {
      expect((await page({ limit: '100' })).messages).toHaveLength(told.length);
    });

    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { messages, nextCursor } = await page({ limit: '7', ...(cursor && { cursor }) });
      seen.push(...messages);
      cursor = nextCursor;
      await tell({ ...entry, message: 'meanwhile' });
    }
    expect(seen).toEqual(told.map(({ message }) => message).reverse());
  });
});

describe('the log sink', () => {
  it('stores its own lines, without a line about each line', async () => {
    new Logger('Test').error('from the sink itself');
    await tell({ service: 'after' });

    await eventually(async () => {
      const { items } = await list('logs', { service: 'log-sink', q: 'from the sink itself' });
      expect(items).toHaveLength(1);
    });
    await tell({ service: 'after', message: 'later' });
    await eventually(async () => {
      expect((await list('logs', { service: 'after' })).items).toHaveLength(2);
    });
    const own = await list('logs', { service: 'log-sink', q: 'from the sink itself' });
    expect(own.items).toHaveLength(1);
  });

  it('stores a thousand entries that come at once', async () => {
    const count = 1_000;
    const batches = Array.from({ length: 10 }, async () => {
      for (let n = 0; n < count / 10; n += 1) {
        await tell({ service: 'many', message: 'one of many' });
      }
    });
    await Promise.all(batches);

    await eventually(async () => {
      const [row] = await service.db.query<{ count: number }>({
        name: 'test-count',
        text: `SELECT count(*) AS count FROM log_entries WHERE service = 'many'`,
      });
      expect(row?.count).toBe(count);
    });
  });
});
