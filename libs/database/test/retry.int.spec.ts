import { DatabaseUnavailable, Db } from '@tradepost/database';
import { createTestDatabase, type TestDatabase } from '@tradepost/test-kit';
import { Client } from 'pg';

const insertNote = { name: 'test-insert', text: 'INSERT INTO notes (note) VALUES ($1)' };
const addTo = { name: 'test-add', text: 'UPDATE counters SET value = value + 1 WHERE id = $1' };
const values = { name: 'test-values', text: 'SELECT value FROM counters ORDER BY id' };
const tries = { name: 'test-tries', text: 'SELECT last_value::int AS tries FROM tries' };
const level = { name: 'test-level', text: 'SHOW transaction_isolation' };
const stricter = {
  name: 'test-stricter',
  text: `SET default_transaction_isolation = 'serializable'`,
};
const repeatable = { name: 'test-rr', text: 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ' };

// `conflicts` fails the first so many inserts: a sequence counts what is rolled back, too.
const tables = `
  CREATE TABLE notes (note text);
  CREATE TABLE counters (id integer PRIMARY KEY, value integer NOT NULL);
  INSERT INTO counters VALUES (1, 0), (2, 0);
  CREATE SEQUENCE tries;
  CREATE TABLE conflicts (code text, times integer);
  CREATE FUNCTION conflict() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE planned record;
    BEGIN
      SELECT * INTO planned FROM conflicts;
      IF nextval('tries') > planned.times THEN RETURN NEW; END IF;
      IF planned.code = 'end' THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
      RAISE EXCEPTION 'a conflict' USING ERRCODE = planned.code;
    END $$;
`;
const atOnce =
  'CREATE TRIGGER conflict BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION conflict()';
const atCommit = `CREATE CONSTRAINT TRIGGER conflict AFTER INSERT ON notes
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION conflict()`;

describe('a transaction that met another one', () => {
  let database: TestDatabase;
  let admin: Client;
  let db: Db;

  beforeEach(async () => {
    database = await createTestDatabase();
    admin = new Client({ connectionString: database.url });
    await admin.connect();
    await admin.query(tables);
    db = new Db({ url: database.url, poolMax: 10 });
  });
  afterEach(async () => {
    await db.close();
    await admin.end();
    await database.drop();
  });

  const conflict = async (trigger: string, code: string, times: number) => {
    await admin.query('INSERT INTO conflicts VALUES ($1, $2)', [code, times]);
    await admin.query(trigger);
  };
  const note = async () => {
    let runs = 0;
    const done = db.transaction(async (tx) => {
      runs += 1;
      tx.write(insertNote, ['a note']);
      return Promise.resolve();
    });
    const error: unknown = await done.catch((error: unknown) => error);
    const [row] = await db.query<{ tries: number }>(tries);
    const { rowCount } = await admin.query('SELECT 1 FROM notes');
    return { error, runs, tries: row?.tries, notes: rowCount };
  };

  it.each([
    ['a serialization failure', atOnce, '40001'],
    ['a deadlock', atOnce, '40P01'],
    ['a serialization failure of its COMMIT', atCommit, '40001'],
  ])('%s is tried again, from the start, until it commits once', async (_what, trigger, code) => {
    await conflict(trigger, code, 2);
    expect(await note()).toEqual({ error: undefined, runs: 3, tries: 3, notes: 1 });
    await db.query(insertNote, ['alone']);
  });

  it('is not tried for ever', async () => {
    await conflict(atOnce, '40001', 1_000);
    const { error, runs, notes } = await note();
    expect(error).toBeInstanceOf(DatabaseUnavailable);
    expect(error).toMatchObject({ code: '40001' });
    expect([runs, notes]).toEqual([4, 0]);
    await expect(db.query(insertNote, ['alone'])).rejects.toThrow(DatabaseUnavailable);
    expect(await db.query(tries)).toEqual([{ tries: 8 }]);
  });

  it('whose COMMIT has no answer is not tried again: it may have been done', async () => {
    await conflict(atCommit, 'end', 1_000);
    const { error, runs, notes } = await note();
    expect(error).toBeInstanceOf(DatabaseUnavailable);
    expect([runs, notes]).toEqual([1, 0]);
  });

  it('what the work itself throws is not tried again', async () => {
    let runs = 0;
    const failing = db.transaction(async () => {
      runs += 1;
      return Promise.reject(new Error('my own'));
    });
    await expect(failing).rejects.toThrow('my own');
    expect(runs).toBe(1);
  });

  it('tells those who listen of the run that committed alone', async () => {
    await conflict(atOnce, '40001', 2);
    const heard: unknown[] = [];
    db.onCommit('notes', (items) => heard.push(...items));
    let run = 0;
    await db.transaction(async (tx) => {
      tx.note('notes', `run ${++run}`);
      await tx.query(insertNote, ['a note']).catch(() => undefined);
    });
    expect(heard).toEqual(['run 3']);
  });

  it('two that lock each other’s rows in a ring both commit', async () => {
    let inside = 0;
    let letGo = () => {};
    const bothInside = new Promise<void>((resolve) => (letGo = resolve));
    const add = async (first: number, second: number) =>
      db.transaction(async (tx) => {
        await tx.query(addTo, [first]);
        if (++inside === 2) letGo();
        await bothInside;
        await tx.query(addTo, [second]);
      });
    await Promise.all([add(1, 2), add(2, 1)]);
    expect(await db.query(values)).toEqual([{ value: 2 }, { value: 2 }]);
  });

  it('that chose a stricter level meets no one twice', async () => {
    const add = async () =>
      db.transaction(async (tx) => {
        await tx.query(repeatable);
        await tx.query(values);
        await tx.query(addTo, [1]);
      });
    await Promise.all([add(), add(), add()]);
    expect(await db.query(values)).toEqual([{ value: 3 }, { value: 0 }]);
  });

  it('says its own isolation level, whatever the default of its session is', async () => {
    const one = new Db({ url: database.url, poolMax: 1 });
    await one.query(stricter);
    const levels = await one.transaction(async (tx) => tx.query(level));
    expect(levels).toEqual([{ transaction_isolation: 'read committed' }]);
    expect(await one.query(level)).toEqual([{ transaction_isolation: 'serializable' }]);
    await one.close();
  });

  it('a statement alone has the same level, whatever the default of the database is', async () => {
    const name = new URL(database.url).pathname.slice(1);
    await admin.query(`ALTER DATABASE ${name} SET default_transaction_isolation = 'serializable'`);
    expect(await db.query(level)).toEqual([{ transaction_isolation: 'read committed' }]);
  });
});
