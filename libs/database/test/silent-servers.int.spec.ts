import { DatabaseUnavailable, Db } from '@tradepost/database';
import { createTestDatabase, TcpTap, type TestDatabase } from '@tradepost/test-kit';

const wait = { name: 'test-wait', text: 'SELECT 1 AS one FROM pg_sleep(0.1)' };
const atOnceMax = 4;

describe('of two servers', () => {
  let database: TestDatabase;
  let first: TcpTap;
  let second: TcpTap;
  let db: Db;

  beforeEach(async () => {
    database = await createTestDatabase();
    first = await TcpTap.open(database.url);
    second = await TcpTap.open(database.url);
    const { host } = new URL(database.url);
    const hosts = [first, second].map(({ url }) => new URL(url).host);
    db = new Db({
      url: database.url.replace(host, hosts.join(',')),
      poolMax: atOnceMax,
      statementTimeoutMs: 500,
      acquireTimeoutMs: 6_000,
    });
  });
  afterEach(async () => {
    await db.close();
    for (const tap of [first, second]) await tap.close();
    await database.drop();
  });

  const atOnce = async () => {
    const asked = Array.from({ length: atOnceMax }, async () => db.query(wait));
    return (await Promise.all(asked)).flat();
  };

  it('one that is silent has no more than its share of the time', async () => {
    first.freeze();
    expect(await atOnce()).toHaveLength(atOnceMax);
  }, 20_000);

  it('when one is lost the other goes on, and no work is given an idle session with it', async () => {
    await atOnce();
    expect([first.opened, second.opened]).toEqual([atOnceMax, 0]);
    first.freeze();
    await expect(db.query(wait)).rejects.toThrow(DatabaseUnavailable);
    expect(await atOnce()).toHaveLength(atOnceMax);
    expect(second.opened).toBeGreaterThan(0);
    second.sever();
    first.thaw();
    await db.query(wait).catch(() => undefined);
    expect(await atOnce()).toHaveLength(atOnceMax);
  }, 40_000);
});
