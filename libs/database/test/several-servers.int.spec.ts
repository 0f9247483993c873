import { createServer, type AddressInfo, type Server } from 'node:net';
import { createDatabase, databaseUrl, DatabaseUnavailable, Db } from '@tradepost/database';
import { dropDatabase, migrate, PoolerInBetween, readPostgresUrl } from '@tradepost/database';
import { createTestDatabase, environment, type TestDatabase } from '@tradepost/test-kit';

const one = { name: 'test-one', text: 'SELECT 1 AS one' };
const wait = { name: 'test-wait', text: 'SELECT 1 AS one FROM pg_sleep(0.1)' };
/** Nobody listens there. */
const nobody = '127.0.0.1:1';

describe('a URL with several servers', () => {
  const servers = (url: string) =>
    readPostgresUrl(url).map(({ host, port, database, mustTakeWrites }) => [
      `${host}:${port}/${database}`,
      mustTakeWrites,
    ]);

  it('is read as one for each, which must take writes', () => {
    const [first, second] = [
      ['a:5432/shop', true],
      ['b:5433/shop', true],
    ];
    expect(servers('postgres://u:p@a,b:5433/shop')).toEqual([first, second]);
    const said = 'postgres://u:p,w@a:5432,b:5433/shop?target_session_attrs=read-write';
    expect(servers(said)).toEqual([first, second]);
    expect(servers('postgres://u:p@a/shop?target_session_attrs=read-write')).toEqual([first]);
    expect(servers('postgres://u:p@a/shop')).toEqual([['a:5432/shop', false]]);
  });

  it('keeps them when it is to name another database and another role', () => {
    const names = { name: 'till', role: 'clerk', password: 'se/cr@et' };
    const url = 'postgres://u:p@a:5432,[::1]:5433/shop?target_session_attrs=read-write';
    expect(databaseUrl(url, names)).toBe(
      'postgres://clerk:se%2Fcr%40et@a:5432,[::1]:5433/till?target_session_attrs=read-write',
    );
  });
});

describe('of several servers', () => {
  let database: TestDatabase;
  let mute: Server;
  let opened: Db[];

  beforeEach(async () => {
    database = await createTestDatabase();
    mute = createServer((socket) => socket.on('error', () => undefined));
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    opened = [];
  });
  afterEach(async () => {
    await Promise.all(opened.map(async (db) => db.close()));
    mute.close();
    await database.drop();
  });

  const urlOf = (hosts: string[], url = database.url) => {
    const named = new URL(url);
    return named.href.replace(named.host, hosts.join(','));
  };
  const open = (url: string, options: Partial<ConstructorParameters<typeof Db>[0]> = {}) => {
    const db = new Db({ url, ...options });
    opened.push(db);
    return db;
  };
  const real = () => new URL(database.url).host;
  const muted = () => `127.0.0.1:${(mute.address() as AddressInfo).port}`;

  it('the one that answers is taken, by all that begin at once', async () => {
    const db = open(urlOf([nobody, nobody, real()]));
    const asked = await Promise.all(Array.from({ length: 20 }, async () => db.query(wait)));
    expect(asked.flat()).toHaveLength(20);
  });

  it('databases are made, migrated and dropped at the one that answers', async () => {
    const url = urlOf([nobody, real()], environment().postgresUrl);
    const name = `test_several_${process.pid}_${Date.now()}`;
    await createDatabase(url, { name });
    expect(await migrate({ url: databaseUrl(url, { name }), folders: [] })).toEqual([]);
    await dropDatabase(url, name);
  });

  it('none that takes writes is unavailable, with what each has said', async () => {
    const { username } = new URL(database.serviceUrl);
    const owner = open(database.url);
    const text = `ALTER ROLE ${username} SET default_transaction_read_only = on`;
    await owner.query({ name: 'test-read-only', text });
    const db = open(urlOf([nobody, real()], database.serviceUrl));
    const error: unknown = await db.query(one).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(DatabaseUnavailable);
    expect(error).toMatchObject({ code: '25006' });
    expect(String(error)).toContain('ECONNREFUSED 127.0.0.1:1');
    expect(String(error)).toContain(`${real()} takes no writes`);
    // A lone one may be for readers.
    expect(await open(database.serviceUrl).query(one)).toEqual([{ one: 1 }]);
    const strict = `${database.serviceUrl}?target_session_attrs=read-write`;
    await expect(open(strict).query(one)).rejects.toThrow('takes no writes');
  });

  it('a pooler is named as before', async () => {
    mute.on('connection', (socket) =>
      socket.once('data', () => {
        const fields = 'SFATAL\0C08P01\0Munsupported startup parameter: search_path\0\0';
        socket.end(
          Buffer.concat([Buffer.from([69, 0, 0, 0, fields.length + 4]), Buffer.from(fields)]),
        );
      }),
    );
    const db = open(urlOf([nobody, muted()]));
    await expect(db.refusePooler()).rejects.toThrow(PoolerInBetween);
  });
});
