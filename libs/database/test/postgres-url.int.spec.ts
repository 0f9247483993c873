import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, databaseUrl, Db, dropDatabase, migrate } from '@tradepost/database';
import { environment } from '@tradepost/test-kit';

const whoAmI = {
  name: 'test-who',
  text: 'SELECT current_user AS role, current_database() AS database',
};

describe('PostgreSQL behind a socket of the file system', () => {
  const name = `test_socket_${process.pid}_${Date.now()}`;
  const admin = new URL(environment().postgresUrl);
  let folder: string;
  let socket: Server;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tradepost-'));
    socket = createServer((near) => {
      const far = connect(Number(admin.port), admin.hostname);
      for (const end of [near, far]) end.on('error', () => undefined);
      near.pipe(far).pipe(near);
    });
    await new Promise<void>((resolve) => socket.listen(join(folder, '.s.PGSQL.5432'), resolve));
  });
  afterAll(async () => {
    const db = new Db({ url: admin.href, poolMax: 1 });
    await db.query({ name: 'test-drop-role', text: `DROP ROLE IF EXISTS ${name}` });
    await db.close();
    await new Promise((resolve) => socket.close(resolve));
    await rm(folder, { recursive: true });
  });

  const { username, password } = admin;
  it.each([
    ['postgresql', () => `postgresql://${username}:${password}@/postgres?host=${folder}`],
    ['without credentials before the host', () => credentialsLast()],
    ['with the folder as host', () => `postgres://${username}:${password}@${encoded()}/postgres`],
  ])('is made, migrated and asked as any other: %s', async (_form, serverUrl) => {
    const names = { name, role: name, password: 'se/cr@et' };
    await createDatabase(serverUrl(), names);
    await migrate({ url: databaseUrl(serverUrl(), { name }), folders: [], grantTo: name });
    const db = new Db({ url: databaseUrl(serverUrl(), names), poolMax: 1 });
    expect(await db.query(whoAmI)).toEqual([{ role: name, database: name }]);
    await db.close();
    await dropDatabase(serverUrl(), name);
  });

  const credentialsLast = () =>
    `postgres:///postgres?host=${folder}&user=${username}&password=${password}`;
  const encoded = () => encodeURIComponent(folder);
});
