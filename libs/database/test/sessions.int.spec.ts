import { DatabaseUnavailable, Db, type Tx } from '@tradepost/database';
import { createTestDatabase, TcpTap, type TestDatabase } from '@tradepost/test-kit';
import { Client } from 'pg';

const insertNote = { name: 'test-insert', text: 'INSERT INTO notes (note) VALUES ($1)' };
const selectNotes = { name: 'test-select', text: 'SELECT note FROM notes ORDER BY note' };
const selectPid = { name: 'test-pid', text: 'SELECT pg_backend_pid() AS pid' };

/** More than a piece of work has tries. */
const sessions = 6;

describe('a session that is not what it was', () => {
  let database: TestDatabase;
  let admin: Client;
  let db: Db;

  beforeEach(async () => {
    database = await createTestDatabase();
    admin = new Client({ connectionString: database.url });
    await admin.connect();
    await admin.query('CREATE TABLE notes (note char(10) PRIMARY KEY)');
    db = new Db({ url: database.url, poolMax: sessions });
  });
  afterEach(async () => {
    await db.close();
    await admin.end();
    await database.drop();
  });

  const notes = async () => (await db.query<{ note: string }>(selectNotes)).map((row) => row.note);
  const inDatabase = async (setting: string) =>
    admin.query(`ALTER DATABASE ${new URL(database.url).pathname.slice(1)} ${setting}`);

  /** Does it in every session of the pool. */
  const everywhere = async (work: (tx: Tx) => Promise<unknown>) => {
    let inside = 0;
    let letGo = () => {};
    const allInside = new Promise<void>((resolve) => (letGo = resolve));
    await Promise.all(
      Array.from({ length: sessions }, async () =>
        db.transaction(async (tx) => {
          await work(tx);
          if (++inside === sessions) letGo();
          await allInside;
        }),
      ),
    );
  };
  const warm = async () => everywhere(async (tx) => tx.query(selectNotes));

  /** By one alone, which must not meet one session after another; then in more places at once. */
  const useAll = async () => {
    await db.transaction(async (tx) => {
      tx.write(insertNote, ['the first']);
      await tx.query(selectNotes);
    });
    const uses = Array.from({ length: 2 * sessions }, async (_, index) => {
      if (index % 2 === 0) return notes();
      return db.transaction(async (tx) => {
        tx.write(insertNote, [`note ${index}`]);
        await tx.query(selectNotes);
      });
    });
    await Promise.all(uses);
    expect(await notes()).toHaveLength(1 + sessions);
  };

  it('with a plan from before a column changed its type is dropped, and the work done in another', async () => {
    await warm();
    await admin.query('ALTER TABLE notes ALTER COLUMN note TYPE varchar(20)');
    await useAll();
  });

  it('that has forgotten its statements is dropped, and the work done in another', async () => {
    await warm();
    await everywhere(async (tx) => tx.query({ name: 'test-forget', text: 'DEALLOCATE ALL' }));
    await useAll();
  });

  it('that has a statement of this name already is dropped, and the work done in another', async () => {
    const prepare = { name: 'test-prepare', text: 'PREPARE "test-select" AS SELECT 1' };
    await everywhere(async (tx) => tx.query(prepare));
    await useAll();
  });

  it('that became read-only is dropped, and the work done in one that is not', async () => {
    await inDatabase('SET default_transaction_read_only = on');
    await warm();
    await inDatabase('RESET default_transaction_read_only');
    await useAll();
  });

  it('whose statements no longer fit the tables is dropped', async () => {
    const find = { name: 'test-find', text: 'SELECT note FROM notes WHERE note = $1' };
    await everywhere(async (tx) => tx.query(find, ['1']));
    await admin.query('ALTER TABLE notes ALTER COLUMN note TYPE integer USING 1');
    await Promise.allSettled(Array.from({ length: sessions }, async () => db.query(find, ['1'])));
    expect(await db.query(find, ['1'])).toEqual([]);
  });

  it('a database that takes no writes: each write says so at once, and no ping passes', async () => {
    await inDatabase('SET default_transaction_read_only = on');
    const alone = db.query(insertNote, ['alone']);
    await expect(alone).rejects.toThrow(DatabaseUnavailable);
    await expect(alone).rejects.toMatchObject({ code: '25006' });
    const within = db.transaction(async (tx) => Promise.resolve(tx.write(insertNote, ['within'])));
    await expect(within).rejects.toThrow(DatabaseUnavailable);
    await expect(db.ping()).rejects.toThrow(/takes no writes/);
    expect(await notes()).toEqual([]);

    await inDatabase('RESET default_transaction_read_only');
    await db.ping();
    await db.query(insertNote, ['alone']);
    await db.transaction(async (tx) => Promise.resolve(tx.write(insertNote, ['within'])));
    expect(await notes()).toHaveLength(2);
  });

  it('a write that a new session refuses asks for no other one', async () => {
    await inDatabase('SET default_transaction_read_only = on');
    const tap = await TcpTap.open(database.url);
    const distant = new Db({ url: tap.url, poolMax: sessions });
    await expect(distant.query(insertNote, ['a note'])).rejects.toThrow(DatabaseUnavailable);
    await expect(distant.query(insertNote, ['a note'])).rejects.toThrow(DatabaseUnavailable);
    expect(tap.opened).toBe(2);
    await distant.close();
    await tap.close();
  });

  it('an error of the data alone keeps its session', async () => {
    const pids = new Set<number>();
    for (let i = 0; i < 3; i += 1) {
      const [row] = await db.query<{ pid: number }>(selectPid);
      pids.add(row?.pid ?? 0);
      await db.query(insertNote, ['twice']).catch((error: unknown) => {
        expect(error).toMatchObject({ code: '23505' });
      });
      await db
        .transaction(async (tx) => Promise.resolve(tx.write(insertNote, ['twice'])))
        .catch((error: unknown) => expect(error).toMatchObject({ code: '23505' }));
    }
    expect(pids.size).toBe(1);
  });
});
