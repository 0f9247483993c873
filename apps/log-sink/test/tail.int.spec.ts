import { LogEntries, type LogEntry } from '@tradepost/contracts';
import { Db } from '@tradepost/database';
import {
  createTestDatabase,
  EventReader,
  eventually,
  TestBroker,
  type TestDatabase,
  testServer,
  type TestServer,
} from '@tradepost/test-kit';
import { LogsStore } from '../src/entries/logs.store';
import type { Row } from '../src/entries/rows';
import { LogSinkModule } from '../src/log-sink.module';
import { TailStreams } from '../src/tail/tail-streams';

type Line = LogEntry & { id: string };

describe('GET /v1/logs/tail', () => {
  let broker: TestBroker;
  let database: TestDatabase;
  let server: TestServer;
  let db: Db;
  /** As another replica has it. */
  let elsewhere: LogsStore;
  const readers: EventReader[] = [];

  beforeAll(async () => {
    broker = await TestBroker.create();
    database = await createTestDatabase('log-sink');
    const env = {
      AMQP_URL: broker.amqpUrl,
      EVENT_STREAMS_MAX: '4',
      EVENT_HEARTBEAT_MS: '300',
      EVENT_POLL_MS: '100',
    };
    server = await testServer(LogSinkModule, env, database);
    db = new Db({ url: database.serviceUrl });
    elsewhere = new LogsStore(db);
  });
  afterEach(async () => {
    for (const reader of readers.splice(0)) reader.leave();
    await eventually(() => expect(server.app.get(TailStreams).count).toBe(0));
  });
  afterAll(async () => {
    await server?.stop();
    await db?.close();
    await database?.drop();
    await broker?.close();
  });

  const open = async (query = '', options: Parameters<typeof EventReader.open>[1] = {}) => {
    const reader = await EventReader.open(`${server.url}/v1/logs/tail${query}`, options);
    readers.push(reader);
    return reader;
  };
  let number = 0;
  const rowOf = (message: string, more: Partial<Row> = {}): Row => {
    number += 1;
    const id = `tail.${String(number).padStart(6, '0')}`;
    const time = new Date().toISOString();
    return { id, time, level: 'info', service: 'tail', message, ...more };
  };
  const messagesOf = ({ events }: EventReader) =>
    events.filter(({ event }) => event === 'message').map(({ data }) => (data as Line).message);

  it('gives entries as they come, whichever replica stores them, as the list has them', async () => {
    const reader = await open('?service=tail');
    expect(reader.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    await elsewhere.add([rowOf('one', { data: { orderId: '7' } })]);
    await eventually(() => expect(messagesOf(reader)).toEqual(['one']));
    const entry = {
      level: 'info',
      service: 'tail',
      message: 'two',
      time: new Date().toISOString(),
    };
    await broker.publish(LogEntries, { entries: [entry as LogEntry] }, { key: 'log.info' });
    await eventually(() => expect(messagesOf(reader)).toEqual(['one', 'two']));
    const response = await fetch(`${server.url}/v1/logs?service=tail&limit=2`);
    const { items } = (await response.json()) as { items: Line[] };
    expect(reader.events.map(({ data }) => data)).toEqual(items.reverse());
  });

  it.each([
    ['level=warning', { level: 'warning' }],
    ['service=tail-other', { service: 'tail-other' }],
    ['field.orderId=42', { data: { orderId: 42 } }],
    [`traceId=${'a'.repeat(32)}`, { traceId: 'a'.repeat(32) }],
    ['q=wanted', {}],
  ] as const)('gives only what fits %s', async (query, more) => {
    const [reader, all] = [await open(`?${query}`), await open('?q=tail')];
    await elsewhere.add([rowOf('unlike: tail'), rowOf('wanted: tail', { ...more })]);
    await elsewhere.add([rowOf('the last: tail'), rowOf('wanted too: tail', { ...more })]);
    await eventually(() => expect(all.events).toHaveLength(4));
    await eventually(() => expect(reader.events.length).toBeGreaterThanOrEqual(2));
    expect(messagesOf(reader)).toEqual(['wanted: tail', 'wanted too: tail']);
  });

  it('gives an entry of long ago when it comes, and goes on after the last one read', async () => {
    const first = await open('?q=late');
    await elsewhere.add([rowOf('late one', { time: '2026-01-02T03:04:05.678Z' })]);
    await eventually(() => expect(messagesOf(first)).toEqual(['late one']));
    first.leave();
    await elsewhere.add([rowOf('late two', { time: '2026-01-01T00:00:00.000Z' })]);
    await elsewhere.add([rowOf('late three'), rowOf('late four')]);
    const again = await open('?q=late', { after: first.events[0]?.id });
    await eventually(() => {
      expect(messagesOf(again)).toEqual(['late two', 'late three', 'late four']);
    });
    const ids = again.events.map(({ id }) => id);
    const last = await open('?q=late', { after: ids[1] });
    await eventually(() => expect(messagesOf(last)).toEqual(['late four']));
  });

  it('misses no entry of a transaction that began first and commits last', async () => {
    const reader = await open('?q=slow');
    await db.transaction(async (tx) => {
      const text = `INSERT INTO log_entries (time, id, level, service, message, words)
                    VALUES (now(), 'slow', 'info', 'tail', 'slow one', 'slow one')`;
      await tx.query({ name: 'test-slow', text });
      await elsewhere.add([rowOf('slow two')]);
      // Polls have gone by.
      const { comments } = reader;
      await eventually(() => expect(reader.comments).toBeGreaterThan(comments));
    });
    await eventually(() => expect(messagesOf(reader)).toEqual(['slow one', 'slow two']));
  });

  it('says how many it skips when more come than anybody reads', async () => {
    const reader = await open('?q=flood');
    await elsewhere.add(Array.from({ length: 1_000 }, (_, n) => rowOf(`flood ${n}`)));
    await eventually(() => expect(messagesOf(reader).at(-1)).toBe('flood 999'));
    const [skipped, ...others] = reader.events;
    expect(skipped).toMatchObject({ event: 'skipped', data: { count: 800 } });
    expect(others).toHaveLength(200);
    const again = await open('?q=flood', { after: others[0]?.id });
    await eventually(() => expect(messagesOf(again)).toHaveLength(199));
  });

  it('goes back 20,000 entries at most, and says that it skips', async () => {
    const first = await open('?q=history');
    await elsewhere.add([rowOf('history begins')]);
    await eventually(() => expect(messagesOf(first)).toEqual(['history begins']));
    await elsewhere.add([rowOf('history that nobody is told again')]);
    for (let n = 0; n < 10; n += 1) {
      await elsewhere.add(Array.from({ length: 2_000 }, () => rowOf('between')));
    }
    await elsewhere.add([rowOf('history goes on')]);
    const again = await open('?q=history', { after: first.events[0]?.id });
    await eventually(() => expect(messagesOf(again)).toEqual(['history goes on']));
    expect(again.events[0]).toMatchObject({ event: 'skipped', data: { count: null } });
  });

  it('is bounded, and cuts off a reader that does not read', async () => {
    const stalled = await open('?q=stall', { reading: false });
    for (let n = 0; n < 3; n += 1) await open();
    const refused = await fetch(`${server.url}/v1/logs/tail`);
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ type: expect.stringMatching('too-many-streams') });
    const long = 'x'.repeat(8_000);
    await eventually(async () => {
      await elsewhere.add(Array.from({ length: 200 }, () => rowOf(`stall ${long}`)));
      expect(server.app.get(TailStreams).count).toBe(3);
    });
    stalled.read();
    expect(await stalled.ended).toBe('cut off');
  });

  it.each([
    '7',
    'bm9uc2Vuc2U',
    Buffer.from('["x","2026-01-01T00:00:00Z","a"]').toString('base64url'),
  ])('refuses to go on after %s', async (id) => {
    const response = await fetch(`${server.url}/v1/logs/tail`, {
      headers: { 'last-event-id': id },
    });
    expect(response.status).toBe(400);
  });

  it.each(['level=loud', 'cursor=x', 'from=2026-01-01T00:00:00Z'])('refuses %s', async (query) => {
    expect((await fetch(`${server.url}/v1/logs/tail?${query}`)).status).toBe(400);
  });
});
