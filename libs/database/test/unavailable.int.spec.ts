import { databaseUrl, DatabaseUnavailable, Db } from '@tradepost/database';
import { createTestDatabase, type TestDatabase } from '@tradepost/test-kit';
import { Client } from 'pg';

const statement = (text: string) => ({ name: `test: ${text}`, text });
const one = statement('SELECT 1 AS one');
const sleep = statement('SELECT pg_sleep(10)');
const end = statement('SELECT pg_terminate_backend(pg_backend_pid())');
const lock = statement('SELECT 1 FROM notes FOR UPDATE NOWAIT');

describe('a database that', () => {
  let database: TestDatabase;
  let admin: Client;
  let opened: Db[];

  beforeEach(async () => {
    database = await createTestDatabase();
    admin = new Client({ connectionString: database.url });
    await admin.connect();
    await admin.query(`CREATE TABLE notes (note text PRIMARY KEY); INSERT INTO notes VALUES ('a')`);
    opened = [];
  });
  afterEach(async () => {
    await Promise.all(opened.map(async (db) => db.close()));
    await admin.end();
    await database.drop();
  });

  const open = (options: Partial<ConstructorParameters<typeof Db>[0]> = {}) => {
    const db = new Db({ url: database.url, ...options });
    opened.push(db);
    return db;
  };
  const unavailable = async (work: Promise<unknown>, code: string | undefined) => {
    const error: unknown = await work.catch((error: unknown) => error);
    expect(error).toBeInstanceOf(DatabaseUnavailable);
    expect((error as DatabaseUnavailable).code).toBe(code);
  };

  it('ends a statement that takes too long is unavailable for it', async () => {
    const db = open({ statementTimeoutMs: 50 });
    await unavailable(db.query(sleep), '57014');
    const within = db.transaction(async (tx) => Promise.resolve(tx.write(sleep)));
    await unavailable(within, '57014');
  });

  it('waits for no lock is unavailable while another transaction has it', async () => {
    await admin.query('BEGIN; SELECT 1 FROM notes FOR UPDATE');
    await unavailable(open().query(lock), '55P03');
    await admin.query('ROLLBACK');
  });

  it('ends a session in the midst of it is unavailable', async () => {
    const db = open();
    await unavailable(db.query(end), '57P01');
    await unavailable(
      db.transaction(async (tx) => tx.query(end)),
      '57P01',
    );
    expect(await db.query(one)).toEqual([{ one: 1 }]);
  });

  it('has no session to give is unavailable', async () => {
    const db = open({ poolMax: 1, acquireTimeoutMs: 1_000 });
    await db.transaction(async () => {
      await unavailable(db.query(one), undefined);
      await unavailable(
        db.transaction(async () => Promise.resolve()),
        undefined,
      );
    });
  });

  it('lets no one in, or is not there, is unavailable', async () => {
    const elsewhere = databaseUrl(database.url, { name: 'nowhere' });
    await unavailable(open({ url: elsewhere }).ping(), '3D000');
    await unavailable(open({ url: 'postgres://u:pw@127.0.0.1:1/shop' }).query(one), 'ECONNREFUSED');
    const { pathname, username } = new URL(database.serviceUrl);
    await admin.query(`ALTER ROLE ${username} CONNECTION LIMIT 0`);
    await unavailable(open({ url: database.serviceUrl }).query(one), '53300');
    await admin.query(`ALTER ROLE ${username} CONNECTION LIMIT -1`);
    const stranger = databaseUrl(database.url, {
      name: pathname.slice(1),
      role: username,
      password: 'wrong',
    });
    await unavailable(open({ url: stranger }).query(one), '28P01');
  });

  it.each([
    ['a duplicate', `INSERT INTO notes VALUES ('a')`, '23505'],
    ['a table that is missing', 'SELECT 1 FROM nowhere', '42P01'],
    ['what the server cannot do', 'SELECT count(*) FROM notes FOR UPDATE', '0A000'],
  ])('refuses %s is available: its error stays as it is', async (_what, text, code) => {
    const db = open();
    const alone = db.query(statement(text));
    await expect(alone).rejects.not.toThrow(DatabaseUnavailable);
    await expect(alone).rejects.toMatchObject({ code });
    const within = db.transaction(async (tx) => Promise.resolve(tx.write(statement(text))));
    await expect(within).rejects.toMatchObject({ name: 'error', code });
  });
});
