import { Db, databaseUrl, migrate } from '@tradepost/database';
import { createTestDatabase, environment, type TestDatabase } from '@tradepost/test-kit';

/** What a developer's shell may hold for psql, and a hosting platform for its own tools. */
const shell = {
  PGHOST: '192.0.2.1',
  PGPORT: '1',
  PGUSER: 'nobody',
  PGPASSWORD: 'wrong',
  PGDATABASE: 'nowhere',
  PGSSLMODE: 'require',
  PGSSLNEGOTIATION: 'direct',
  PGOPTIONS: '-c search_path=nowhere',
  PGAPPNAME: 'psql',
  PGCLIENTENCODING: 'LATIN1',
  PGCLIENT_ENCODING: 'latin1',
  PGREPLICATION: 'database',
  PGCONNECT_TIMEOUT: '1',
};

const whoAmI = {
  name: 'test-who',
  text: `SELECT current_user AS role, current_database() AS database, 'é' AS text,
                current_setting('application_name') AS application`,
};

describe('the URL alone says where the database is and as whom', () => {
  const before = { ...process.env };
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
    Object.assign(process.env, shell);
  });
  afterAll(async () => {
    for (const name of Object.keys(shell)) delete process.env[name];
    Object.assign(process.env, before);
    await database.drop();
  });

  it('for a service', async () => {
    const db = new Db({ url: database.serviceUrl, poolMax: 1, applicationName: 'test' });
    const { username: role, pathname } = new URL(database.serviceUrl);
    const [row] = await db.query(whoAmI).finally(() => db.close());
    expect(row).toEqual({ role, database: pathname.slice(1), text: 'é', application: 'test' });
  });

  it('for migrations, and for who makes databases', async () => {
    const made = await createTestDatabase();
    expect(await migrate({ url: made.url, folders: [] })).toEqual([]);
    await made.drop();
  });

  it('also what it leaves out: no other host, role, database or password takes its place', async () => {
    const { host, username } = new URL(database.serviceUrl);
    const db = new Db({ url: `postgres://${username}@${host}`, poolMax: 1 });
    await expect(db.ping().finally(() => db.close())).rejects.toThrow(/no password/);
  });
});

/** Defaults of a role or a database that a parser, or a statement of ours, would stumble over. */
const strange = [
  `datestyle = 'SQL, DMY'`,
  `intervalstyle = 'iso_8601'`,
  `timezone = 'America/Caracas'`,
  `bytea_output = 'escape'`,
  `extra_float_digits = -10`,
  `standard_conforming_strings = off`,
  `client_encoding = 'LATIN1'`,
  `search_path = 'nowhere'`,
];

describe('a session is as our statements and parsers count on', () => {
  let database: TestDatabase;
  let db: Db;

  beforeAll(async () => {
    database = await createTestDatabase('financial');
    const role = new URL(database.serviceUrl).username;
    const admin = new Db({ url: environment().postgresUrl, poolMax: 1 });
    for (const setting of strange) {
      await admin.query({ name: setting, text: `ALTER ROLE ${role} SET ${setting}` });
    }
    await admin.close();
    db = new Db({ url: database.serviceUrl, poolMax: 1 });
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  it('whatever the role has as its default', async () => {
    const text = `
      SELECT '2026-02-03 04:05:06.789+00'::timestamptz AS at, '2026-02-03'::date::text AS day,
             interval '1 day 2 hours' AS gap, '\\xfffe'::bytea AS bytes, 0.1::float8 + 0.2 AS sum,
             'a\\nb' AS raw, 'é' AS accent, count(*) AS entries
      FROM ledger_entries`;
    const [row] = await db.query<Record<string, unknown>>({ name: 'test-parsers', text });
    expect(row).toMatchObject({
      at: new Date('2026-02-03T04:05:06.789Z'),
      day: '2026-02-03',
      gap: { days: 1, hours: 2 },
      bytes: Buffer.from([0xff, 0xfe]),
      sum: 0.1 + 0.2,
      raw: 'a\\nb',
      accent: 'é',
      entries: 0,
    });
  });

  it('also where a migration is the one to speak', async () => {
    const name = new URL(database.url).pathname.slice(1);
    const admin = new Db({ url: environment().postgresUrl, poolMax: 1 });
    for (const setting of strange) {
      await admin.query({ name: setting, text: `ALTER DATABASE ${name} SET ${setting}` });
    }
    await admin.close();
    const folders = ['apps/users/migrations'];
    const url = databaseUrl(environment().postgresUrl, { name });
    expect(await migrate({ url, folders, grantTo: name })).not.toEqual([]);
  });
});
