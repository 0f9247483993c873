import { Db } from '@tradepost/database';
import { createTestDatabase, inTurn, type TestDatabase } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { AlertsStore } from '../src/alerts/alerts.store';
import { LogsStore } from '../src/entries/logs.store';
import type { Row } from '../src/entries/rows';

const [notNull, unique, check] = ['23502', '23505', '23514'];
const dayMs = 24 * 60 * 60_000;

describe('what log-sink stores', () => {
  let database: TestDatabase;
  let db: Db;
  let logs: LogsStore;
  let alerts: AlertsStore;

  beforeAll(async () => {
    database = await createTestDatabase('log-sink');
    db = new Db({ url: database.url });
    [logs, alerts] = [new LogsStore(db), new AlertsStore(db)];
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  const rowOf = (id: string, time = new Date()): Row => ({
    ...{ id, time: time.toISOString(), level: 'critical', service: 'tests', message: 'x' },
  });
  const stores = [
    ['log_entries', async (...rows: Row[]) => logs.add(rows)],
    ['alerts', async (...rows: Row[]) => alerts.add('critical', rows)],
  ] as const;
  const count = async (table: string, prefix: string): Promise<number> => {
    const text = `SELECT count(*) FROM ${table} WHERE id LIKE $1 || '%'`;
    const [row] = await db.query<{ count: number }>({ name: `test-${table}`, text }, [prefix]);
    return row?.count ?? NaN;
  };
  const hold = (table: string, { id, time }: Row) => ({
    name: `test-hold-${id}`,
    text: `INSERT INTO ${table} (time, id, level, service, message${table === 'alerts' ? '' : ', words'})
           VALUES ('${time}', '${id}', 'critical', 'tests', 'x'${table === 'alerts' ? '' : `, 'x'`})`,
  });

  it.each(stores)(
    '%s: replicas with the same rows in other orders never wait in a ring',
    async (...args) => {
      const [table, add] = args;
      const [low, high] = [rowOf(`${randomUUID()}.000`), rowOf(`${randomUUID()}.000`)];
      high.time = new Date(Date.parse(low.time) + 1).toISOString();
      let firsts = 0;
      await inTurn(
        db,
        async (tx) => {
          firsts += 1;
          await tx.query(hold(table, low));
        },
        async () => add(high, low),
        async (tx) => {
          // Sooner than PostgreSQL sees a ring: then the other one could be tried again unseen.
          await tx.query({ name: '', text: `SET LOCAL lock_timeout = '100ms'` });
          await tx.query(hold(table, high));
        },
      );
      expect(firsts).toBe(1);
      expect([await count(table, low.id), await count(table, high.id)]).toEqual([1, 1]);
    },
  );

  it('an alert is one for each level', async () => {
    const row = rowOf(`${randomUUID()}.000`);
    for (const level of ['warning', 'critical', 'critical'] as const)
      await alerts.add(level, [row]);
    expect(await count('alerts', row.id)).toBe(2);
  });

  it.each([
    ['log_entries', async (before: Date, max: number) => logs.forget('critical', before, max)],
    ['alerts', async (before: Date, max: number) => alerts.forget(before, max)],
  ] as const)(
    '%s: the oldest are forgotten first, so many, and none is waited for',
    async (table, forget) => {
      const add = stores.find(([name]) => name === table)?.[1];
      const at = (days: number) => rowOf(`forget-${days}`, new Date(Date.now() - days * dayMs));
      // Beside the one that is kept, the younger ones are written first.
      await add?.(at(30));
      await add?.(at(31));
      await add?.(at(32));
      await add?.(at(20));
      const before = new Date(Date.now() - 25 * dayMs);
      await add?.(rowOf('forget-25', before));
      expect(await forget(before, 1)).toBe(1);
      expect(await count(table, 'forget-32')).toBe(0);
      await db.transaction(async (tx) => {
        const text = `SELECT FROM ${table} WHERE id = 'forget-31' FOR UPDATE`;
        await tx.query({ name: `test-lock-${table}`, text });
        expect(await forget(before, 10)).toBe(1);
      });
      expect(await forget(before, 10)).toBe(1);
      expect([await count(table, 'forget-25'), await count(table, 'forget-')]).toEqual([1, 2]);
    },
  );

  describe('is refused', () => {
    const now = new Date().toISOString();
    const entry = { time: now, id: 'a', level: 'critical', service: 'tests', message: 'x' };
    // What has a default besides, in the one that has it.
    const generated = { log_entries: { words: 'x', xact: '1' }, alerts: {} } as Record<
      string,
      object
    >;
    const insert = async (table: string, row: object): Promise<unknown> => {
      const text = `INSERT INTO ${table} SELECT * FROM jsonb_populate_record(NULL::${table}, $1)`;
      return db.query({ name: `test-insert-${table}`, text }, [
        JSON.stringify({ ...generated[table], ...row }),
      ]);
    };

    it.each(['log_entries', 'alerts'])(
      'by %s where a column is missing, or it is there',
      async (table) => {
        for (const column of Object.keys(entry)) {
          const row = { ...entry, [column]: null };
          // An entry of no level has no partition.
          const error =
            table !== 'alerts' && column === 'level' ? { code: check } : { code: notNull, column };
          await expect(insert(table, row)).rejects.toMatchObject(error);
        }
        await insert(table, entry);
        await expect(insert(table, entry)).rejects.toMatchObject({ code: unique });
      },
    );

    it('by alerts of a level that raises none', async () => {
      const row = { ...entry, level: 'info' };
      await expect(insert('alerts', row)).rejects.toMatchObject({ code: check });
    });
  });
});
