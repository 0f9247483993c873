import { Db, keepPartitions } from '@tradepost/database';
import { once, onceEach, type Message } from '@tradepost/messaging';
import { createTestDatabase, type TestDatabase } from '@tradepost/test-kit';
import { v4 as uuidv4, v7 as uuidv7 } from 'uuid';
import { forgetOld } from '../src/outbox/inbox';

const dayMs = 24 * 60 * 60_000;
const queue = 'tests.marks';

describe('the inbox by days', () => {
  let database: TestDatabase;
  /** With the rights of a service: it owns none of these tables. */
  let db: Db;
  let owner: Db;

  beforeEach(async () => {
    database = await createTestDatabase();
    db = new Db({ url: database.serviceUrl, poolMax: 4 });
    owner = new Db({ url: database.url, poolMax: 2 });
  });
  afterEach(async () => {
    await Promise.all([db.close(), owner.close()]);
    await database.drop();
  });

  const mark = (id: string) => db.transaction((tx) => once(tx, { queue, id }));
  const inbox = { table: 'inbox', days: 14, lateBy: 'received_at' };
  /** Partitions other than the default one, and the marks in each. */
  const marks = async (): Promise<Record<string, number>> => {
    const text = 'SELECT tableoid::regclass::text AS part, count(*) FROM inbox GROUP BY 1';
    const rows = await db.query<{ part: string; count: number }>({ name: 'test-marks', text });
    return Object.fromEntries(rows.map(({ part, count }) => [part, count]));
  };
  const parts = async (): Promise<string[]> => {
    const text = `SELECT inhrelid::regclass::text AS part FROM pg_inherits
                  WHERE inhparent = 'inbox'::regclass ORDER BY 1`;
    return (await db.query<{ part: string }>({ name: 'test-parts', text })).map((row) => row.part);
  };
  const dropPart = async (part: string) =>
    owner.query({ name: `test-drop-${part}`, text: `DROP TABLE ${part}` });
  /** Partitions of a database that has run for so many days. */
  const makePast = async (days: number) => {
    const shifted = `DO $$ DECLARE part text; lower text; upper text; day date; BEGIN
      FOR n IN 2 .. ${days} LOOP
        day := (now() AT TIME ZONE 'UTC')::date - n;
        lower := partitions.start_of(day, 'text'::regtype);
        upper := partitions.start_of(day + 1, 'text'::regtype);
        EXECUTE format('CREATE TABLE %s PARTITION OF inbox FOR VALUES FROM (%L) TO (%L)',
          'inbox' || to_char(day, '_YYYYMMDD'), lower, upper);
      END LOOP; END $$`;
    await owner.query({ name: 'test-past', text: shifted });
  };

  it('has partitions from yesterday to three days ahead, and a default one', async () => {
    const days = [-1, 0, 1, 2, 3].map((n) => partOf(Date.now() + n * dayMs));
    expect(await parts()).toEqual([...days, 'inbox_default']);
  });

  it('refuses copies of an id that was made before midnight, on the day and after it', async () => {
    const midnight = new Date().setUTCHours(0, 0, 0, 0);
    const before = idAt(midnight - 1);
    const after = idAt(midnight);
    const ids = [before, after];
    expect(await Promise.all(ids.map(mark))).toEqual([true, true]);
    expect(await marks()).toEqual({ [partOf(midnight - 1)]: 1, [partOf(midnight)]: 1 });
    expect(await Promise.all(ids.map(mark))).toEqual([false, false]);
    const batch = [...ids, ...ids].map((id) => ({ message: { queue, id } as Message }));
    expect(await db.transaction((tx) => onceEach(tx, batch))).toEqual([]);
  });

  it('works for a day without a partition, and refuses the copy after one was made', async () => {
    const today = partOf(Date.now());
    await dropPart(today);
    const id = uuidv7();
    expect(await mark(id)).toBe(true);
    expect(await marks()).toEqual({ inbox_default: 1 });
    await keepPartitions(db, inbox);
    expect(await marks()).toEqual({ [today]: 1 });
    expect(await mark(id)).toBe(false);
  });

  it('takes ids of any kind, and of clocks that are wrong by days or by centuries', async () => {
    const times = [0, Date.now() - 40 * dayMs, Date.now() + 40 * dayMs, 2 ** 47];
    const foreign = [uuidv4(), 'evt_1', '', 'ÿ', ...times.map(idAt)];
    for (const id of foreign) expect(await mark(id)).toBe(true);
    await keepPartitions(db, inbox);
    for (const id of foreign) expect(await mark(id)).toBe(false);
    expect(await marks()).toEqual({ inbox_default: foreign.length });
  });

  it('drops the partitions of old days, with no row deleted', async () => {
    await makePast(20);
    expect(await keepPartitions(db, inbox)).toBe(6);
    expect((await parts())[0]).toBe(partOf(Date.now() - 14 * dayMs));
    expect(await keepPartitions(db, inbox)).toBe(0);
  });

  it('drops the oldest first, one at a time', async () => {
    await makePast(20);
    const sql = {
      name: 'test-drop-oldest',
      text: `SELECT partitions.drop_oldest('inbox', 14, NULL)`,
    };
    for (const days of [19, 18]) {
      await db.query(sql);
      expect((await parts())[0]).toBe(partOf(Date.now() - days * dayMs));
    }
  });

  it('drops a day with its late rows where no column says that they are late', async () => {
    await makePast(20);
    await mark(idAt(Date.now() - 16 * dayMs));
    expect(await keepPartitions(db, { table: 'inbox', days: 14 })).toBe(6);
    expect(await marks()).toEqual({});
  });

  it('leaves the days of other tables, and partitions that it did not make', async () => {
    await makePast(20);
    const made = await parts();
    const others = `DO $$ BEGIN
      CREATE TABLE notes (day date NOT NULL) PARTITION BY RANGE (day);
      CREATE TABLE notes_default PARTITION OF notes DEFAULT;
      CREATE TABLE notes_20200101 PARTITION OF notes FOR VALUES FROM ('2020-01-01') TO ('2020-01-02');
      CREATE TABLE inbox20200101 PARTITION OF inbox FOR VALUES FROM ('!') TO ('"');
      END $$`;
    await owner.query({ name: 'test-others', text: others });
    expect(await keepPartitions(db, inbox)).toBe(6);
    expect(await parts()).toEqual([...made.slice(6, -1), 'inbox20200101', 'inbox_default'].sort());
    const text = `SELECT to_regclass('notes_20200101') IS NOT NULL AS kept`;
    expect(await db.query({ name: 'test-kept', text })).toEqual([{ kept: true }]);
    // Of a date or a time, days begin with the day's name.
    expect(await keepPartitions(db, { table: 'notes', days: 14 })).toBe(1);
    await owner.query({ name: 'test-note', text: 'INSERT INTO notes VALUES (current_date)' });
    const where = 'SELECT count(*) FROM ONLY notes_default';
    expect(await owner.query({ name: 'test-where', text: where })).toEqual([{ count: 0 }]);
  });

  it('makes no days of a table without a default partition', async () => {
    const text = 'CREATE TABLE strict (day date NOT NULL) PARTITION BY RANGE (day)';
    await owner.query({ name: 'test-strict', text });
    const making = keepPartitions(owner, { table: 'strict', days: 1 });
    await expect(making).rejects.toMatchObject({ code: 'P0002' });
  });

  it('keeps the late mark of an old message when the day of its id goes', async () => {
    await makePast(20);
    const late = idAt(Date.now() - 16 * dayMs);
    const old = idAt(Date.now() - 16 * dayMs);
    await mark(late);
    await mark(old);
    const text = `UPDATE inbox SET received_at = now() - interval '15 days' WHERE message_id = $1`;
    await db.query({ name: 'test-age', text }, [old]);
    const today = partOf(Date.now());
    await dropPart(today);
    await forgetOld(db, 14, 100);
    expect(await parts()).toContain(today);
    expect(await marks()).toEqual({ inbox_default: 1 });
    expect(await mark(late)).toBe(false);
  });

  it('lets no replica and no handler wait: what is locked is done by a later call', async () => {
    await makePast(15);
    await dropPart(partOf(Date.now()));
    await db.transaction(async (tx) => {
      await once(tx, { queue, id: uuidv7() });
      expect(await keepPartitions(db, inbox)).toBe(0);
    });
    expect(await parts()).not.toContain(partOf(Date.now()));
    const dropped = await Promise.all([1, 2, 3].map(() => keepPartitions(db, inbox)));
    expect(dropped.reduce((sum, count) => sum + count)).toBe(1);
    expect(await parts()).toContain(partOf(Date.now()));
  });
});

/** A UUIDv7 of that time. */
function idAt(msecs: number): string {
  return uuidv7({ msecs });
}

function partOf(time: number): string {
  return `inbox_${new Date(time).toISOString().slice(0, 10).replaceAll('-', '')}`;
}
