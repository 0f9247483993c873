import { databaseUrl, Db } from '@tradepost/database';
import { environment, eventually, testService, type TestService } from '@tradepost/test-kit';
import { get, type IncomingMessage } from 'node:http';
import { ExportLogs } from '../src/entries/export-logs';
import { LogsStore } from '../src/entries/logs.store';
import type { Row } from '../src/entries/rows';
import { LogSinkModule } from '../src/log-sink.module';

interface Trailer {
  export: { entries: number; complete: boolean; nextCursor: string | null };
}

const count = 2_500;
const base = Date.now() - 60_000;

describe('GET /v1/logs/export', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await testService(LogSinkModule);
    const rows = Array.from({ length: count }, (_, n): Row => {
      const time = new Date(base + Math.floor(n / 10)).toISOString();
      const id = `e.${String(n).padStart(6, '0')}`;
      const level = n % 5 === 0 ? 'error' : 'info';
      return { id, time, level, service: 'exported', message: `line ${n} ${'x'.repeat(4_000)}` };
    });
    await service.app.get(LogsStore).add(rows);
  });
  afterAll(async () => service?.stop());

  const exported = async (query: string) => {
    const response = await fetch(`${service.url}/v1/logs/export?${query}`);
    expect(response.status).toBe(200);
    const lines = (await response.text()).trimEnd().split('\n');
    const trailer = JSON.parse(lines.pop() ?? '') as Trailer;
    return { response, trailer, ids: lines.map((line) => (JSON.parse(line) as Row).id) };
  };
  /** A reader that does not read. */
  const stalled = async () => {
    const request = get(`${service.url}/v1/logs/export?service=exported`, { agent: false });
    request.on('error', () => undefined);
    const response = await new Promise<IncomingMessage>((resolve) => {
      request.once('response', resolve);
    });
    response.on('error', () => undefined);
    return { request, response };
  };
  const ids = Array.from({ length: count }, (_, n) => `e.${String(n).padStart(6, '0')}`).reverse();

  it('gives every entry once, newest first, and says that it is whole', async () => {
    const { response, trailer, ids: found } = await exported('service=exported');
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    expect(found).toEqual(ids);
    expect(trailer).toEqual({ export: { entries: count, complete: true, nextCursor: null } });
  });

  it('has the filters of the list, and a range of times', async () => {
    const [from, to] = [10, 20].map((ms) => new Date(base + ms).toISOString());
    const { ids: found } = await exported(
      `service=exported&level=error&q=line&from=${from}&to=${to}`,
    );
    expect(found).toEqual(ids.slice(-200, -100).filter((id) => Number(id.slice(2)) % 5 === 0));
  });

  it('of nothing is whole too', async () => {
    const { trailer, ids: found } = await exported('service=nobody');
    expect(found).toEqual([]);
    expect(trailer).toEqual({ export: { entries: 0, complete: true, nextCursor: null } });
  });

  it('goes on from where its time was over', async () => {
    const quick = await testService(LogSinkModule, { LOG_EXPORT_MAX_MS: '0' });
    try {
      const rows = ids.map((id): Row => {
        return {
          id,
          time: new Date(base).toISOString(),
          level: 'info',
          service: 'x',
          message: 'x',
        };
      });
      await quick.app.get(LogsStore).add(rows);
      const found: string[] = [];
      const parts: Trailer['export'][] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const query = `service=x${cursor && `&cursor=${cursor}`}`;
        const text = await (await fetch(`${quick.url}/v1/logs/export?${query}`)).text();
        const lines = text.trimEnd().split('\n');
        const { export: part } = JSON.parse(lines.pop() ?? '') as Trailer;
        found.push(...lines.map((line) => (JSON.parse(line) as Row).id));
        parts.push(part);
        cursor = part.nextCursor;
      }
      expect(found).toEqual(ids);
      expect(parts.map(({ complete, entries }) => [complete, entries])).toEqual([
        [false, 1_000],
        [false, 1_000],
        [true, 500],
      ]);
    } finally {
      await quick.stop();
    }
  });

  it('is bounded, and leaves nothing behind when its readers go', async () => {
    const exports = service.app.get(ExportLogs);
    const readers = await Promise.all(Array.from({ length: 4 }, stalled));
    expect(exports.count).toBe(4);
    const refused = await fetch(`${service.url}/v1/logs/export`);
    expect(refused.status).toBe(503);
    for (const { request } of readers) request.destroy();
    await eventually(() => expect(exports.count).toBe(0));
    expect((await exported('service=nobody')).ids).toEqual([]);
  });

  it('has no last line when it breaks off', async () => {
    const [row] = await service.db.query<{ name: string }>({
      name: '',
      text: 'SELECT current_database() AS name',
    });
    const owner = new Db({ url: databaseUrl(environment().postgresUrl, row as { name: string }) });
    const rename = async (from: string, to: string) =>
      owner.query({ name: '', text: `ALTER TABLE ${from} RENAME TO ${to}` });
    const store = service.app.get(LogsStore);
    const list = store.list.bind(store);
    let breaksOff: () => void = () => undefined;
    const broken = new Promise<void>((resolve) => (breaksOff = resolve));
    // Sockets may hold all of it: the second page is not read before there is none.
    const pages = jest.spyOn(store, 'list').mockImplementationOnce(list);
    pages.mockImplementation(async (...asked) => broken.then(async () => list(...asked)));
    try {
      const { response } = await stalled();
      await rename('log_entries', 'log_entries_gone');
      breaksOff();
      response.resume();
      const ended = new Promise((resolve) => response.once('close', resolve));
      await ended;
      expect(response.complete).toBe(false);
    } finally {
      breaksOff();
      pages.mockRestore();
      await rename('log_entries_gone', 'log_entries');
      await owner.close();
    }
  });

  it.each(['limit=5', 'cursor=x', 'from=now', 'q=!'])('refuses %s', async (query) => {
    expect((await fetch(`${service.url}/v1/logs/export?${query}`)).status).toBe(400);
  });
});
