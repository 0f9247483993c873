import { Db } from '@tradepost/database';
import { provideDatabase, type Database } from '@tradepost/test-kit';

const create = { name: 'create', text: 'CREATE TABLE kept (number integer)' };
const insert = { name: 'insert', text: 'INSERT INTO kept VALUES (1)' };
const select = { name: 'select', text: 'SELECT count(*) AS count FROM kept' };

describe('a database of one’s own', () => {
  let server: Database;
  let db: Db;

  beforeAll(async () => {
    server = await provideDatabase({ own: true, durable: true, dockerFirst: true });
    db = new Db({ url: server.url, poolMax: 2 });
    await db.query(create);
  }, 120_000);

  afterAll(async () => {
    await db?.close();
    await server?.stop();
  });

  it('that is killed, with a connection at work, has what was committed when it is back', async () => {
    await db.query(insert);
    await server.kill();
    await expect(db.ping()).rejects.toThrow();
    await server.resume();
    expect(await db.query(select)).toEqual([{ count: 1 }]);
  }, 60_000);

  it('that is frozen says nothing on its connections, and goes on when it is thawed', async () => {
    await db.ping();
    await server.freeze();
    let isAnswered = false;
    const asked = db.query(select).then(() => (isAnswered = true));
    const other = new Db({ url: server.url, poolMax: 1, acquireTimeoutMs: 1_000 });
    await expect(other.ping()).rejects.toThrow(/timeout/);
    expect(isAnswered).toBe(false);
    await server.thaw();
    expect(await asked).toBe(true);
    await other.close();
  }, 60_000);
});
