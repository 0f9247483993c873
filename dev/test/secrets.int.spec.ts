import { randomUUID } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Db } from '@tradepost/database';
import {
  createTestDatabase,
  environment,
  eventually,
  ProcessList,
  ServiceProcess,
  TestBroker,
  type TestDatabase,
} from '@tradepost/test-kit';

// Each of them is a secret that must be nowhere. They survive encoding as they are.
const canary = (of: string) => `canary${of}${randomUUID().replaceAll('-', '')}`;
const opsToken = canary('token');
const callbackSecret = `whsec_${canary('callback')}${canary('x')}`.slice(0, 70);
const secrets = [opsToken, callbackSecret.slice('whsec_'.length)];

const folder = mkdtempSync(join(tmpdir(), 'secrets-'));
let broker: TestBroker;
let database: TestDatabase;
let service: ServiceProcess | undefined;
let brokerUrl: string;

beforeAll(async () => {
  broker = await TestBroker.create();
  brokerUrl = await broker.userWith({ configure: '.*', write: '.*', read: '.*' });
  database = await createTestDatabase('payments');
});
afterEach(async () => {
  await service?.close();
  service = undefined;
});
afterAll(async () => {
  await broker?.close();
  await database?.drop();
  rmSync(folder, { recursive: true });
});

async function setBrokerPassword(password: string): Promise<void> {
  const api = new URL(environment().managementUrl);
  const login = Buffer.from(`${api.username}:${api.password}`).toString('base64');
  const response = await fetch(`${api.origin}/api/users/${new URL(brokerUrl).username}`, {
    method: 'PUT',
    headers: { authorization: `Basic ${login}`, 'content-type': 'application/json' },
    body: JSON.stringify({ password, tags: '' }),
  });
  expect(response.status).toBeLessThan(300);
}

async function inDatabase(text: string): Promise<void> {
  const admin = new Db({ url: environment().postgresUrl, poolMax: 1 });
  await admin.query({ name: randomUUID(), text }).finally(() => admin.close());
}

/** At once, as an orchestrator does it. */
function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(`${file}.new`, `${text}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return file;
}

const role = () => new URL(database.serviceUrl).username;
const withLogin = (url: string, password: string) => Object.assign(new URL(url), { password }).href;

/** New passwords at the servers, and in the files once `tell` is called. */
async function rotate(): Promise<{ tell: () => void }> {
  const password = canary('password');
  secrets.push(password);
  await setBrokerPassword(password);
  await inDatabase(`ALTER ROLE ${role()} PASSWORD '${password}'`);
  const tell = () => {
    write('amqp-url', withLogin(brokerUrl, password));
    write('postgres-url', withLogin(database.serviceUrl, password));
  };
  return { tell };
}

/** Whoever is connected has to come again. */
async function disconnectAll(): Promise<void> {
  await inDatabase(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${role()}'`,
  );
  await broker.closeConnections();
}

async function start(): Promise<ServiceProcess> {
  service = await ServiceProcess.start({
    app: 'payments',
    env: {
      AMQP_URL_FILE: join(folder, 'amqp-url'),
      POSTGRES_URL_FILE: join(folder, 'postgres-url'),
      GATEWAY_URL: 'http://127.0.0.1:9',
      GATEWAY_CALLBACK_SECRET: callbackSecret,
      OPS_TOKEN: opsToken,
      LOG_LEVEL: 'debug',
      AUTH: 'none',
    },
  });
  return service;
}

/** @returns what each address answers, headers included */
async function answers({ url }: ServiceProcess): Promise<string[]> {
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const json = { 'content-type': 'application/json' };
  const callback = { 'webhook-id': 'a', 'webhook-timestamp': '1', 'webhook-signature': 'v1,a' };
  const asked: [path: string, init?: RequestInit][] = [
    ['/'],
    ['/health/live'],
    ['/health/ready'],
    ['/metrics'],
    ['/openapi.json'],
    ['/v1/payments'],
    ['/v1/payments/none'],
    ['/ops/dead-letters'],
    ['/ops/dead-letters', { headers: bearer(opsToken) }],
    ['/ops/dead-letters', { headers: bearer(`${opsToken.slice(0, -1)}!`) }],
    ['/v1/gateway-callbacks', { method: 'POST', body: '{', headers: { ...json, ...callback } }],
    ['/v1/gateway-callbacks', { method: 'POST', body: '{}', headers: { ...json, ...callback } }],
  ];
  return Promise.all(
    asked.map(async ([path, init]) => {
      const response = await fetch(`${url}${path}`, init);
      return `${path} ${JSON.stringify([...response.headers])} ${await response.text()}`;
    }),
  );
}

function expectNoSecret(texts: string[]): void {
  expect(texts.length).toBeGreaterThan(5);
  // Also as a login of HTTP has it.
  const text = texts.join('\n');
  for (const secret of secrets) {
    expect(text).not.toContain(secret);
    expect(text).not.toContain(Buffer.from(secret).toString('base64').slice(4, -4));
  }
}

it('no secret is in a log, an answer or the process list, whatever goes wrong', async () => {
  (await rotate()).tell();
  const processes = new ProcessList();
  const payments = await start();
  await payments.ready({ withinMs: 30_000 });
  expectNoSecret(await answers(payments));
  await processes.end();
  expectNoSecret(processes.lines);

  // Now every connection is refused, and that is told.
  await rotate();
  await disconnectAll();
  await eventually(async () => {
    const ready = await fetch(`${payments.url}/health/ready`);
    expect(await ready.json()).toMatchObject({
      checks: { broker: { status: 'failing' }, database: { status: 'failing' } },
    });
  });
  // Of an outage of the broker the loss is told, and then every tenth try in vain.
  for (const why of [/broker not reached.*ACCESS.REFUSED/i, /password authentication/]) {
    await eventually(() => expect(payments.lines.join('\n')).toMatch(why), { withinMs: 30_000 });
  }
  expectNoSecret(await answers(payments));
  expectNoSecret(payments.lines);
}, 60_000);

it('new passwords take the place of old ones without a request that fails', async () => {
  (await rotate()).tell();
  const payments = await start();
  await payments.ready({ withinMs: 30_000 });
  const statuses: number[] = [];
  let isOver = false;
  const requests = (async () => {
    while (!isOver) {
      for (const path of ['/v1/payments', '/health/ready']) {
        statuses.push((await fetch(`${payments.url}${path}`)).status);
      }
    }
  })();
  await eventually(() => expect(statuses.length).toBeGreaterThan(20));
  (await rotate()).tell();
  const sofar = statuses.length;
  await eventually(() => expect(statuses.length).toBeGreaterThan(sofar + 50));
  isOver = true;
  await requests;
  expect(new Set(statuses)).toEqual(new Set([200]));

  // And what connects from now on does so by the new ones: nobody started it again.
  const { pid } = payments;
  await disconnectAll();
  await eventually(async () =>
    expect((await fetch(`${payments.url}/v1/payments`)).status).toBe(200),
  );
  await payments.ready({ withinMs: 30_000 });
  expect(payments.pid).toBe(pid);
  expectNoSecret(payments.lines);
}, 60_000);
