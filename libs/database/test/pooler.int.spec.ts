import { createServer, type AddressInfo, type Server } from 'node:net';
import { Db, migrate, PoolerInBetween, type DbOptions } from '@tradepost/database';
import {
  createTestDatabase,
  environment,
  hasPgBouncer,
  startPgBouncer,
  type PgBouncer,
  type TestDatabase,
} from '@tradepost/test-kit';

const create = { name: 'test-create', text: 'CREATE TABLE notes (note integer PRIMARY KEY)' };
const insert = { name: 'test-insert', text: 'INSERT INTO notes (note) VALUES ($1)' };
const count = { name: 'test-count', text: 'SELECT count(*) AS count FROM notes' };
const sleep = { name: 'test-sleep', text: 'SELECT pg_sleep(10)' };
const session = {
  name: 'test-session',
  text: `SELECT '2026-02-03 04:05:06+00'::timestamptz AS at, interval '1 day' AS gap,
                current_setting('statement_timeout') AS statement,
                current_setting('idle_in_transaction_session_timeout') AS idle,
                current_setting('random_page_cost') AS "pageCost"`,
};
/** All that we send and PgBouncer does not know. */
const ignored = [
  ...['statement_timeout', 'idle_in_transaction_session_timeout', 'random_page_cost'],
  ...['IntervalStyle', 'extra_float_digits', 'search_path', 'default_transaction_isolation'],
];

describe.each(hasPgBouncer ? ['PgBouncer'] : ['no pgbouncer on PATH: not tried'])('%s', () => {
  let database: TestDatabase;
  const opened: (Db | PgBouncer)[] = [];

  const through = async (settings: string[] = []) => {
    const bouncer = await startPgBouncer(database.serviceUrl, settings);
    opened.push(bouncer);
    return bouncer.url;
  };
  const open = (options: DbOptions) => {
    const db = new Db(options);
    opened.unshift(db);
    return db;
  };

  beforeEach(async () => {
    database = await createTestDatabase();
    const owner = new Db({ url: database.url, poolMax: 1 });
    await owner.query(create);
    await migrate({
      url: database.url,
      folders: [],
      grantTo: new URL(database.serviceUrl).username,
    });
    await owner.close();
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await ('stop' in one ? one.stop() : one.close());
    await database.drop();
  });

  const tried = hasPgBouncer ? it : (name: string) => it(name, () => undefined);

  tried('is refused with what to do, when nobody has said that it is there', async () => {
    const db = open({ url: await through(), poolMax: 1 });
    await expect(db.refusePooler()).rejects.toThrow(PoolerInBetween);
    await expect(db.ping()).rejects.toThrow(/unsupported startup.*POSTGRES_POOLER=transaction/);
  });

  tried('is refused too when it ignores what it does not know', async () => {
    const url = await through([`ignore_startup_parameters = ${ignored.join(', ')}`]);
    const db = open({ url, poolMax: 1 });
    await expect(db.refusePooler()).rejects.toThrow(/lost its settings.*POSTGRES_POOLER=/);
    await expect(migrate({ url, folders: [] })).rejects.toThrow(/URL of PostgreSQL itself/);
  });

  tried('serves transactions and single statements of many connections', async () => {
    const db = open({ url: await through(), pooler: 'transaction', poolMax: 20 });
    await db.refusePooler();
    const work = Array.from({ length: 40 }, async (_, note) => {
      await db.transaction(async (tx) => {
        tx.write(insert, [note]);
        await tx.query(count);
      });
      return (await db.query<{ count: number }>(count))[0]?.count;
    });
    expect(await Promise.all(work)).toHaveLength(40);
    expect(await db.query(count)).toEqual([{ count: 40 }]);
  });

  tried('in session mode is refused alike, and served with the same setting', async () => {
    const url = await through(['pool_mode = session']);
    await expect(open({ url, poolMax: 1 }).refusePooler()).rejects.toThrow(PoolerInBetween);
    const db = open({ url, pooler: 'transaction', poolMax: 2 });
    await db.transaction(async (tx) => Promise.resolve(tx.write(insert, [1])));
    expect(await db.query(count)).toEqual([{ count: 1 }]);
  });

  tried('of several the one that answers is taken, if it leads to who takes writes', async () => {
    const there = new URL(await through());
    const url = there.href.replace(there.host, `127.0.0.1:1,${there.host}`);
    const db = open({ url, pooler: 'transaction', poolMax: 2 });
    expect(await db.query(count)).toEqual([{ count: 0 }]);
  });

  tried('bounds both, and sets what parsers count on', async () => {
    const role = new URL(database.serviceUrl).username;
    const admin = open({ url: environment().postgresUrl, poolMax: 1 });
    for (const setting of [`datestyle = 'SQL, DMY'`, `intervalstyle = 'iso_8601'`]) {
      await admin.query({ name: setting, text: `ALTER ROLE ${role} SET ${setting}` });
    }
    const options = { pooler: 'transaction', poolMax: 2, statementTimeoutMs: 300 } as const;
    const db = open({ url: await through(), ...options });
    const wanted = {
      at: new Date('2026-02-03T04:05:06Z'),
      gap: { days: 1 },
      statement: '300ms',
      idle: '30s',
      pageCost: '1.1',
    };
    expect(await db.query(session)).toMatchObject([wanted]);
    expect(await db.transaction((tx) => tx.query(session))).toMatchObject([wanted]);
    await expect(db.query(sleep)).rejects.toThrow(/statement timeout/);
    await expect(db.transaction((tx) => tx.query(sleep))).rejects.toThrow(/statement timeout/);
    expect(await db.query(count)).toEqual([{ count: 0 }]);
  });
});

describe('a pooler that knows none of our settings', () => {
  let server: Server;

  beforeAll(async () => {
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(refusal('unsupported startup parameter: search_path')));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => server.close());

  it('is named, with the setting to make', async () => {
    const { port } = server.address() as AddressInfo;
    const db = new Db({ url: `postgres://shop:pw@127.0.0.1:${port}/shop`, poolMax: 1 });
    await expect(db.refusePooler()).rejects.toThrow(
      'a connection pooler answers instead of PostgreSQL (unsupported startup parameter: ' +
        'search_path): set POSTGRES_POOLER=transaction, or let POSTGRES_URL name PostgreSQL itself',
    );
    await db.close();
  });
});

/** As PgBouncer says it: an ErrorResponse before any authentication. */
function refusal(message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0C08P01\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
