import { randomUUID } from 'node:crypto';
import { Db } from '@tradepost/database';
import {
  Authority,
  type Broker,
  type Certificate,
  createTestDatabase,
  type Database,
  eventually,
  provideBroker,
  provideDatabase,
  ServiceProcess,
  TestBroker,
  type TestDatabase,
} from '@tradepost/test-kit';
import { freePorts } from '../local/ports';
import { within } from '@tradepost/messaging/testing';

// Servers of their own, which ask each client for a certificate: a broker and a database that the
// other tests share would refuse them.
const password = 'a-secret-canary';
let servers: [Broker, Database];
let authority: Authority;
let stranger: Authority;
let client: Certificate;
let broker: TestBroker;
let database: TestDatabase;
let amqps: URL;
let postgres: URL;
let service: ServiceProcess | undefined;

beforeAll(async () => {
  servers = await Promise.all([provideBroker({ own: true }), provideDatabase({ own: true })]);
  [authority, stranger] = await Promise.all([Authority.create('ours'), Authority.create('other')]);
  const server = await authority.sign('127.0.0.1');
  client = await authority.sign('users');
  const [{ url: amqpUrl, managementUrl }, { url: adminUrl }] = servers;
  broker = await TestBroker.create({ amqpUrl, managementUrl });
  database = await createTestDatabase('users', adminUrl);
  amqps = await listenWithTls(server);
  postgres = await serveWithTls(adminUrl, server);
}, 120_000);
afterEach(async () => {
  await service?.close();
  service = undefined;
});
afterAll(async () => {
  await broker?.close();
  for (const one of servers ?? []) await one.stop();
  authority?.remove();
  stranger?.remove();
});

/** Adds a listener of RabbitMQ's own to the running node. */
async function listenWithTls({ cert, key }: Certificate): Promise<URL> {
  const [port] = await freePorts([undefined]);
  const der = (pem: string) => `base64:decode(<<"${pem.replaceAll(/-----[^-]+-----|\s/g, '')}">>)`;
  await servers[0].control(
    'eval',
    `rabbit_networking:start_ssl_listener({"127.0.0.1", ${port}, ipv4}, [
      {cacerts, [${der(authority.cert)}]}, {cert, ${der(cert)}},
      {key, {'PrivateKeyInfo', ${der(key)}}},
      {verify, verify_peer}, {fail_if_no_peer_cert, true}], 1).`,
  );
  const url = new URL(broker.amqpUrl);
  url.protocol = 'amqps:';
  url.port = String(port);
  return url;
}

/** From then on the server lets nobody in without TLS and a certificate. */
async function serveWithTls(adminUrl: string, { cert, key }: Certificate): Promise<URL> {
  const admin = new Db({ url: adminUrl, poolMax: 1 });
  const run = (text: string) => admin.query({ name: randomUUID(), text });
  // By the server, which owns what it writes.
  const write = (name: string, text: string) =>
    run(
      `COPY (SELECT unnest(string_to_array('${text.trim().replaceAll(/\r?\n/g, '|')}', '|')))
       TO PROGRAM 'umask 077; cat > ${name}'`,
    );
  try {
    await write('server.pem', cert);
    await write('server.key', key);
    await write('ca.pem', authority.cert);
    await write(
      'pg_hba.conf',
      'local all all trust|hostssl all all all scram-sha-256 clientcert=verify-ca',
    );
    for (const [name, value] of [
      ['ssl_cert_file', 'server.pem'],
      ['ssl_key_file', 'server.key'],
      ['ssl_ca_file', 'ca.pem'],
      ['ssl', 'on'],
    ]) {
      await run(`ALTER SYSTEM SET ${name} = '${value}'`);
    }
    const { username } = new URL(database.serviceUrl);
    await run(`ALTER ROLE ${username} PASSWORD '${password}'`);
    await run('SELECT pg_reload_conf()');
  } finally {
    await admin.close();
  }
  const url = new URL(database.serviceUrl);
  url.password = password;
  return url;
}

const withParameters = (url: URL, parameters: Record<string, string>) => {
  const changed = new URL(url);
  for (const [name, value] of Object.entries(parameters)) changed.searchParams.set(name, value);
  return changed.href;
};
const toBroker = (ca: Authority, own?: Certificate) =>
  withParameters(amqps, {
    cacertfile: ca.certFile,
    ...(own && { certfile: own.certFile, keyfile: own.keyFile }),
  });
const toDatabase = (ca: Authority, own?: Certificate) =>
  withParameters(postgres, {
    sslmode: 'verify-full',
    sslrootcert: ca.certFile,
    ...(own && { sslcert: own.certFile, sslkey: own.keyFile }),
  });

interface Health {
  checks: Record<'broker' | 'database', { status: string; problems?: string[] }>;
}

async function start(amqpUrl: string, postgresUrl: string): Promise<ServiceProcess> {
  service = await ServiceProcess.start({
    app: 'users',
    env: {
      AMQP_URL_FILE: authority.write('amqp-url', `${amqpUrl}\n`),
      POSTGRES_URL_FILE: authority.write('postgres-url', `${postgresUrl}\n`),
      // Would switch verification off in whoever trusts Node's default.
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
    },
  });
  return service;
}

async function health({ url }: ServiceProcess): Promise<Health> {
  const response = await within(fetch(`${url}/health/ready`), 5_000, 'health');
  return (await response.json()) as Health;
}

it('a service with certificates works over TLS, told by files', async () => {
  const users = await start(toBroker(authority, client), toDatabase(authority, client));
  await users.ready({ withinMs: 20_000 });
}, 40_000);

it('of several servers of a database the one whose certificate has its name is talked to', async () => {
  const { host, port } = postgres;
  const both = toDatabase(authority, client).replace(host, `localhost:${port},${host}`);
  const users = await start(toBroker(authority, client), both);
  await users.ready({ withinMs: 20_000 });
}, 40_000);

it.each([
  [
    'whose authority the service does not know',
    () => toBroker(stranger, client),
    /issuer|self-signed|verify/,
  ],
  [
    'that asks for a certificate, and gets none',
    () => toBroker(authority),
    /certificate|alert|closed|hang up|ECONNRESET/i,
  ],
])(
  'a broker %s is not talked to',
  async (_, url, why) => {
    const users = await start(url(), toDatabase(authority, client));
    await eventually(async () => {
      const { checks } = await health(users);
      expect(checks).toMatchObject({ broker: { status: 'failing' }, database: { status: 'ok' } });
    });
    await eventually(() => expect(users.lines.join('\n')).toMatch(why));
    expect(users.lines.join('\n')).not.toContain(password);
  },
  40_000,
);

it.each([
  [
    'whose authority the service does not know',
    () => toDatabase(stranger, client),
    /issuer|self-signed|verify/,
  ],
  ['that asks for a certificate, and gets none', () => toDatabase(authority), /certificate/],
])(
  'a database %s is not talked to',
  async (_, url, why) => {
    const users = await start(toBroker(authority, client), url());
    await eventually(async () => {
      const { checks } = await health(users);
      expect(checks.database.status).toBe('failing');
      expect(checks.broker.status).toBe('ok');
    });
    await eventually(() => expect(users.lines.join('\n')).toMatch(why));
    expect(users.lines.join('\n')).not.toContain(password);
  },
  40_000,
);

it('a server by another name than its certificate has is not talked to', async () => {
  const named = (url: string) => url.replace('127.0.0.1', 'localhost');
  const users = await start(
    named(toBroker(authority, client)),
    named(toDatabase(authority, client)),
  );
  await eventually(async () => {
    const { checks } = await health(users);
    expect(checks).toMatchObject({
      broker: { status: 'failing' },
      database: { status: 'failing' },
    });
  });
  await eventually(() => expect(users.lines.join('\n')).toMatch(/does not match certificate/));
}, 40_000);

it('authorities are read again: a new one is trusted beside the old', async () => {
  const both = { ...authority, certFile: authority.write('both.pem', stranger.cert) } as Authority;
  const users = await start(toBroker(both, client), toDatabase(both, client));
  await eventually(async () => {
    const { checks } = await health(users);
    expect(checks).toMatchObject({
      broker: { status: 'failing' },
      database: { status: 'failing' },
    });
  });
  authority.write('both.pem', `${stranger.cert.trim()}\n${authority.cert}`);
  await users.ready({ withinMs: 30_000 });
}, 60_000);

it('certificates are read again: one that is replaced serves the next connection', async () => {
  const own = { ...client, certFile: authority.write('own.pem', 'none'), keyFile: client.keyFile };
  const users = await start(toBroker(authority, own), toDatabase(authority, own));
  await eventually(async () => {
    const { checks } = await health(users);
    expect(checks.broker.status).toBe('failing');
  });
  authority.write('own.pem', client.cert);
  await users.ready({ withinMs: 30_000 });
}, 60_000);
