import { Db } from '@tradepost/database';
import { createTestDatabase, inTurn, type TestDatabase } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { type AlertRule, countsOf } from '../src/alerts/alert-rule';
import { AlertsStore } from '../src/alerts/alerts.store';
import { LogsStore } from '../src/entries/logs.store';
import type { Row } from '../src/entries/rows';

const [notNull, unique, check] = ['23502', '23505', '23514'];
const dayMs = 24 * 60 * 60_000;

const rule: AlertRule = {
  id: randomUUID(),
  name: 'tests',
  level: 'critical',
  service: null,
  message: null,
  threshold: 1,
  windowSeconds: 60,
  notify: true,
  createdAt: new Date(),
};

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

  const rowOf = (message: string, time = new Date()): Row => ({
    ...{ id: message, time: time.toISOString(), level: 'critical', service: 'tests', message },
  });
  const addAlerts = async (...rows: Row[]) =>
    db.transaction(async (tx) => alerts.add(tx, countsOf(rows, [rule])));
  const stores = [
    ['log_entries', async (...rows: Row[]) => logs.add(rows)],
    ['alerts', addAlerts],
  ] as const;
  const count = async (table: string, prefix: string): Promise<number> => {
    const text = `SELECT count(*) FROM ${table} WHERE message LIKE $1 || '%'`;
    const [row] = await db.query<{ count: number }>({ name: `test-${table}`, text }, [prefix]);
    return row?.count ?? NaN;
  };
  const idOf = (row: Row) => countsOf([row], [rule])[0]?.id ?? '';
  const hold = (table: string, row: Row) => {
    const { id, time, message } = row;
    const text =
      table === 'alerts'
        ? `INSERT INTO alerts (id, rule_id, rule, level, threshold, window_seconds, service, message,
             count, first_at, last_at, raised_at)
           VALUES ('${idOf(row)}', '${rule.id}', 'x', 'critical', 1, 60, 'tests', '${message}', 1,
             '${time}', '${time}', now())`
        : `INSERT INTO log_entries (time, id, level, service, message, words)
           VALUES ('${time}', '${id}', 'critical', 'tests', '${message}', 'x')`;
    return { name: `test-hold-${message}`, text };
  };

  it.each(stores)(
    '%s: replicas with the same rows in other orders never wait in a ring',
    async (...args) => {
      const [table, add] = args;
      const [low, high] = [rowOf(`${randomUUID()}.000`), rowOf(`${randomUUID()}.000`)];
      // Of the next window, so that its alert has a higher id too.
      high.time = new Date(Date.parse(low.time) + 60_000).toISOString();
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
        const text = `SELECT FROM ${table} WHERE message = 'forget-31' FOR UPDATE`;
        await tx.query({ name: `test-lock-${table}`, text });
        expect(await forget(before, 10)).toBe(1);
      });
      expect(await forget(before, 10)).toBe(1);
      expect([await count(table, 'forget-25'), await count(table, 'forget-')]).toEqual([1, 2]);
    },
  );

  it('entries are found by what nearly all have as by what few have', async () => {
    const many = 5_500;
    const start = Date.now() - many;
    for (let from = 0; from < many; from += 500) {
      const rows = Array.from({ length: 500 }, (_, n): Row => {
        const row = rowOf(`m.${from + n}`, new Date(start + from + n));
        return { ...row, message: 'many', data: { shop: 'north', number: from + n } };
      });
      await logs.add(rows);
    }
    const newest = Array.from({ length: 20 }, (_, n) => `m.${many - 1 - n}`);
    for (const filter of [
      { field: { shop: 'north' } },
      { q: 'north' },
      { q: 'many', from: '1970-01-01T00:00:00Z' },
    ]) {
      const page = await logs.list(filter, undefined, 10);
      expect(page.map(({ id }) => id)).toEqual(newest.slice(0, 10));
      const last = page.at(-1);
      const before = [last?.time.toISOString() ?? '', last?.id ?? ''] as const;
      const next = await logs.list(filter, before, 10);
      expect(next.map(({ id }) => id)).toEqual(newest.slice(10));
    }
    const few = await logs.list({ field: { shop: 'north', number: '7' } }, undefined, 10);
    expect(few.map(({ id }) => id)).toEqual(['m.7']);
  });

  it('an alert is raised by the line that reaches the threshold, once', async () => {
    const of = (lines: number) => {
      const rows = Array.from({ length: lines }, () => rowOf('thrice', new Date(3_600_000)));
      return countsOf(rows, [{ ...rule, threshold: 3 }]);
    };
    const add = async (lines: number) => db.transaction(async (tx) => alerts.add(tx, of(lines)));
    const id = of(1)[0]?.id ?? '';
    expect(await add(2)).toEqual([]);
    expect(await alerts.find(id)).toBeUndefined();
    expect(await alerts.acknowledge(id, 'me', null)).toBeUndefined();
    expect(await add(1)).toEqual([id]);
    expect(await add(5)).toEqual([]);
    expect(await alerts.find(id)).toMatchObject({ count: 8, threshold: 3, acknowledged: null });
  });

  it('what is not raised is not listed', async () => {
    const counts = countsOf([rowOf('once')], [{ ...rule, threshold: 2 }]);
    await db.transaction(async (tx) => alerts.add(tx, counts));
    const listed = await alerts.list({}, undefined, 100);
    expect(listed.filter(({ message }) => message === 'once')).toEqual([]);
  });

  describe('is refused', () => {
    const now = new Date().toISOString();
    const entry = { time: now, id: 'a', level: 'critical', service: 'tests', message: 'x' };
    const alert = {
      ...{ id: randomUUID(), rule_id: randomUUID(), rule: 'x', level: 'critical', threshold: 1 },
      ...{ window_seconds: 60, service: 'tests', message: 'x', count: 1 },
      ...{ first_at: now, last_at: now },
    };
    const whole: Record<string, object> = {
      log_entries: { ...entry, words: 'x', xact: '1' },
      alerts: { ...alert, raised_at: now },
    };
    const insert = async (table: string, row: object): Promise<unknown> => {
      const text = `INSERT INTO ${table} SELECT * FROM jsonb_populate_record(NULL::${table}, $1)`;
      const values = [JSON.stringify({ ...whole[table], ...row })];
      return db.query({ name: `test-insert-${table}`, text }, values);
    };

    it.each([
      ['log_entries', entry],
      ['alerts', alert],
    ])('by %s where a column is missing, or it is there', async (table, needed) => {
      for (const column of Object.keys(needed)) {
        // An entry of no level has no partition.
        const isPlaceless = table === 'log_entries' && column === 'level';
        const error = isPlaceless ? { code: check } : { code: notNull, column };
        await expect(insert(table, { [column]: null })).rejects.toMatchObject(error);
      }
      await insert(table, {});
      await expect(insert(table, {})).rejects.toMatchObject({ code: unique });
    });

    it.each([
      ['of a level that raises none', { level: 'info' }],
      ['of no line', { count: 0, raised_at: null }],
      ['that is raised too soon', { threshold: 2 }],
      ['that is not raised', { raised_at: null }],
      ['that nobody acknowledged', { acknowledged_at: now }],
      ['that was acknowledged at no time', { acknowledged_by: 'me' }],
      [
        'that is acknowledged and not raised',
        { threshold: 2, raised_at: null, acknowledged_at: now, acknowledged_by: 'me' },
      ],
      ['of which somebody may be told', { notification: 'perhaps' }],
    ])('by alerts %s', async (_, row) => {
      const other = { id: randomUUID(), ...row };
      await expect(insert('alerts', other)).rejects.toMatchObject({ code: check });
    });
  });
});
