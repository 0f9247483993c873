import type { LogLevel } from '@tradepost/contracts';
import { databaseUrl, Db } from '@tradepost/database';
import { environment, eventually, testService, type TestService } from '@tradepost/test-kit';
import { LogsStore } from '../src/entries/logs.store';
import type { Row } from '../src/entries/rows';
import { ForgetOld } from '../src/forget-old';
import { LogSinkModule } from '../src/log-sink.module';

const dayMs = 24 * 60 * 60_000;

describe('old entries', () => {
  let service: TestService;
  let owner: Db;

  beforeAll(async () => {
    service = await testService(LogSinkModule, {
      LOG_SWEEP_EVERY_MS: '200',
      LOG_RETENTION_DAYS: '3',
      LOG_RETENTION_DAYS_DEBUG: '1',
      LOG_RETENTION_DAYS_CRITICAL: '30',
    });
    const [row] = await service.db.query<{ name: string }>({
      name: '',
      text: 'SELECT current_database() AS name',
    });
    owner = new Db({ url: databaseUrl(environment().postgresUrl, row as { name: string }) });
  });
  afterAll(async () => {
    await owner?.close();
    await service?.stop();
  });

  const run = async (text: string) => owner.query<Record<string, string>>({ name: '', text });
  const dayOf = (ago: number) => new Date(Date.now() - ago * dayMs).toISOString().slice(0, 10);
  const nameOf = (level: LogLevel, ago: number) =>
    `log_entries_${level}_${dayOf(ago).replaceAll('-', '')}`;
  const left = async () => {
    const rows = await run(`SELECT level || ' ' || message AS entry FROM log_entries`);
    return rows.map(({ entry }) => entry).sort();
  };

  it('are forgotten by level, those of no partition by row', async () => {
    const rows = (['debug', 'info', 'critical'] as LogLevel[]).flatMap((level) =>
      [2, 4, 31].map((days): Row => {
        const time = new Date(Date.now() - days * dayMs).toISOString();
        return { id: `${level}-${days}`, level, time, service: 'old', message: `${days}` };
      }),
    );
    await service.app.get(LogsStore).add(rows);
    await eventually(async () => {
      expect(await left()).toEqual(['critical 2', 'critical 4', 'info 2']);
    });
    await service.app.get(ForgetOld).run();
    expect(await left()).toEqual(['critical 2', 'critical 4', 'info 2']);
  });

  it('go by whole days, each level’s when they are over for long enough', async () => {
    const levels: LogLevel[] = ['debug', 'info', 'critical'];
    const made = levels.flatMap((level) => [3, 5, 32].map((ago) => nameOf(level, ago)));
    // A partition of a day takes what is in the default one: none is.
    await run(`TRUNCATE log_entries`);
    await owner.transaction(async (tx) => {
      for (const name of made) {
        const [, level = '', day = ''] = /_([a-z]+)_(\d+)$/.exec(name) ?? [];
        const text = `CREATE TABLE ${name} PARTITION OF log_entries_${level}
          FOR VALUES FROM ('${day} 00:00+00') TO (date '${day}' + 1)`;
        await tx.query({ name: '', text });
      }
    });
    const there = async () => {
      const rows = await run(`SELECT relname AS name FROM pg_class WHERE relname ~ '_\\d{8}$'`);
      return made.filter((name) => rows.some((row) => row.name === name));
    };
    await eventually(async () => {
      expect(await there()).toEqual([
        nameOf('info', 3),
        nameOf('critical', 3),
        nameOf('critical', 5),
      ]);
    });
  });
});
