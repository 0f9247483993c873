import {
  createTestDatabase,
  environment,
  eventually,
  type TestDatabase,
} from '@tradepost/test-kit';
import { Db } from '../src';

const sessions = 3;
const work = { name: 'test-work', text: 'SELECT pg_sleep(0.05), 1 AS done' };

describe('sessions that PostgreSQL closes because they are idle', () => {
  let database: TestDatabase;
  let admin: Db;
  let db: Db;

  beforeAll(async () => {
    database = await createTestDatabase();
    const role = new URL(database.serviceUrl).username;
    admin = new Db({ url: environment().postgresUrl, poolMax: 1 });
    const text = `ALTER ROLE ${role} SET idle_session_timeout = '100ms'`;
    await admin.query({ name: 'test-timeout', text });
    db = new Db({ url: database.serviceUrl, poolMax: sessions });
  });
  afterAll(async () => {
    await db?.close();
    await admin?.close();
    await database?.drop();
  });

  const atOnce = async () => Promise.all(Array.from({ length: sessions }, () => db.query(work)));

  it('fail nothing: the next statements and transactions get new ones', async () => {
    const text = 'SELECT count(*)::int AS open FROM pg_stat_activity WHERE usename = $1';
    const { username } = new URL(database.serviceUrl);
    for (let round = 0; round < 5; round += 1) {
      expect((await atOnce()).flat()).toMatchObject(Array(sessions).fill({ done: 1 }));
      await eventually(async () => {
        expect(await admin.query({ name: 'test-open', text }, [username])).toEqual([{ open: 0 }]);
      });
      expect(await db.transaction(async (tx) => tx.query(work))).toMatchObject([{ done: 1 }]);
    }
  });
});
