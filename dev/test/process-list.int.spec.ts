import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Db } from '@tradepost/database';
import { BrokerApi } from '@tradepost/messaging';
import {
  type Database,
  environment,
  ProcessList,
  provideDatabase,
  TestBroker,
} from '@tradepost/test-kit';
import type { Issuer } from '../issuer/keys';
import { appNames } from '../../apps/services';
import { freePorts } from '../local/ports';
import { forgetPath } from '../local/steady-path';
import { LinkedStart } from '../start/linked-start';

interface Ended {
  code: number;
  said: string;
}

/** A command of the project, as people call it. */
function run(args: string[], env: Record<string, string> = {}, cwd?: string): Promise<Ended> {
  const [program = '', ...rest] = args;
  const argv = [resolve('dist', `${program}.js`), ...rest];
  return new Promise((done) => {
    const options = { cwd, env: { PATH: process.env.PATH, ...env }, timeout: 60_000 };
    execFile(process.execPath, argv, options, (error, out, err) => {
      done({ code: error ? Number(error.code) : 0, said: `${out}${err}` });
    });
  });
}

/** Base64 as HTTP sends it, and as it is. */
function expectNone(secrets: string[], lines: string[]): void {
  const text = lines.join('\n');
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(20);
    expect(text).not.toContain(secret);
    expect(text).not.toContain(Buffer.from(secret).toString('base64').slice(4, -4));
  }
}

let folder: string;
let list: ProcessList;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'process-list-'));
  // Under root the servers run as other users.
  chmodSync(folder, 0o755);
  list = new ProcessList();
});
afterEach(async () => {
  await list.end();
  rmSync(folder, { recursive: true });
});

describe('commands, told their passwords and tokens by files', () => {
  const canary = (of: string) => `canary${of}${randomUUID().replaceAll('-', '')}`;
  const secrets = {
    broker: canary('broker'),
    database: canary('database'),
    services: canary('services'),
    ops: canary('ops'),
  };
  let broker: TestBroker;
  let database: Database;
  let prefix: string;

  const fileOf = (name: string, text: string) => {
    const file = join(folder, name);
    writeFileSync(file, `${text}\n`, { mode: 0o600 });
    return file;
  };
  const withPassword = (given: string, username: string, password: string) =>
    Object.assign(new URL(given), { username, password }).href;

  beforeAll(async () => {
    [broker, database] = await Promise.all([TestBroker.create(), provideDatabase({ own: true })]);
    prefix = `${new URL(broker.amqpUrl).pathname.slice(1)}-`;
    const db = new Db({ url: database.url, poolMax: 1 });
    const text = `CREATE ROLE keeper LOGIN SUPERUSER PASSWORD '${secrets.database}'`;
    await db.query({ name: 'keeper', text }).finally(() => db.close());
  });
  afterAll(async () => {
    await broker?.close();
    await database?.stop();
  });

  it('show none, and name the variable to who gives one as an argument', async () => {
    const url = await broker.userWith({ configure: '.*', write: '.*', read: '.*' });
    const { managementUrl } = environment();
    const { username } = new URL(url);
    const api = new BrokerApi(managementUrl, broker.amqpUrl);
    await api.putUser(username, { password: secrets.broker, tags: 'administrator' });
    const management = withPassword(managementUrl, username, secrets.broker);
    const env = {
      AMQP_URL_FILE: fileOf('amqp-url', withPassword(url, username, secrets.broker)),
      AMQP_MANAGEMENT_URL_FILE: fileOf('management-url', management),
      AMQP_SERVICE_PASSWORD_FILE: fileOf('service-password', secrets.services),
      AMQP_MODE: 'strict',
      POSTGRES_URL_FILE: fileOf('url', withPassword(database.url, 'keeper', secrets.database)),
      POSTGRES_SERVICE_PASSWORD_FILE: fileOf('role-password', secrets.services),
      OPS_TOKEN_FILE: fileOf('ops-token', secrets.ops),
      AUTH_TOKEN_FILE: fileOf('token', secrets.ops),
    };
    const nowhere = ['orders', 'users', 'financial', 'payments', 'log-sink'];
    const audited = nowhere.flatMap((name) => [`--${name}`, 'http://127.0.0.1:1']);
    const commands: [args: string[], code: number][] = [
      [['ops/topology', 'apply', '--users', '--prefix', prefix], 0],
      [['ops/topology', 'plan'], 0],
      [['ops/dead-letters', 'list'], 0],
      [['ops/topology', 'drop-users', '--prefix', prefix], 0],
      [['ops/migrate'], 0],
      // No service is there.
      [['ops/audit', ...audited], 2],
      [['dev/traffic', '--orders', 'http://127.0.0.1:1', '--rate', '1', '--for', '1s'], 2],
    ];
    const said: string[] = [];
    for (const [args, code] of commands) {
      const cwd = args[0] === 'ops/migrate' ? undefined : folder;
      const ended = await run(args, env, cwd);
      expect({ args, ...ended }).toMatchObject({ args, code });
      said.push(ended.said);
    }
    for (const [program, ...more] of commands.map(([args]) => args)) {
      expect(list.lines.join('\n')).toContain([`dist/${program}.js`, ...more].join(' '));
    }
    expectNone(Object.values(secrets), [...said, ...list.lines]);
  }, 120_000);

  it.each([
    [['ops/topology', 'plan', '--amqp-url'], 1, 'AMQP_URL or AMQP_URL_FILE'],
    [['ops/topology', 'plan', '--management-url'], 1, 'AMQP_MANAGEMENT_URL or AMQP_MANAGEMENT_UR'],
    [['ops/dead-letters', 'list', '--amqp-url'], 2, 'AMQP_URL or AMQP_URL_FILE'],
    [['ops/dead-letters', 'list', '--management-url'], 2, 'AMQP_MANAGEMENT_URL or AMQP_MANAG'],
    [['ops/migrate'], 2, 'postgres://user:***@host/'],
  ])('%j URL is refused, its password not repeated', async (args, code, variable) => {
    const ended = await run([...args, 'postgres://user:a-password@host/']);
    expect(ended.code).toBe(code);
    expect(ended.said).toContain(variable);
    expect(ended.said).not.toContain('a-password');
    expect(ended.said.trim().split('\n')).toHaveLength(2);
  });
});

describe('npm start, with servers of its own and AUTH=jwt', () => {
  /** Passwords in URLs, tokens, and what is made at random. */
  const secretLike = /:\/\/[^/\s]*:[^/\s]+@|eyJ[\w-]+\.|whsec_|[\da-f]{32}/;

  it('shows none in any of its processes, nor do the commands beside it', async () => {
    const checkout = join(folder, 'checkout');
    const [port] = await freePorts([undefined]);
    const { PATH, HOME } = process.env;
    const env = { PATH, HOME, AUTH: 'jwt', PORT_ISSUER: String(port) };
    const start = await LinkedStart.create(checkout, env, { args: ['--gateway', 'http'] });
    try {
      const { operator } = await start.start();
      const issuer = readFileSync(join(checkout, '.tradepost/issuer.json'), 'utf8');
      const { clients, keys } = JSON.parse(issuer) as Issuer;
      const secrets = [new URL(operator?.amqpUrl ?? '').password, ...Object.values(clients)];
      for (const { d } of keys) secrets.push(d ?? '');
      const token = await run(['dev/token', '--customer', '1'], {}, checkout);
      expect(token.code).toBe(0);
      secrets.push(token.said.trim());
      for (const args of [
        ['ops/audit'],
        ['ops/dead-letters', 'list'],
        ['ops/topology', 'lint'],
        ['dev/traffic', '--rate', '5', '--for', '1s'],
      ]) {
        expect(await run(args, {}, checkout)).toMatchObject({ code: 0 });
      }
      expectNone(secrets, list.lines);
      const under = list.linesUnder(start.pid ?? 0);
      const programs = ['initdb', 'postgres', 'beam', 'epmd', 'prepare-broker.js'];
      for (const program of [...programs, ...appNames.map((app) => `held-service.js ${app}`)]) {
        expect(under.join('\n')).toContain(program);
      }
      expect(under.filter((line) => secretLike.test(line))).toEqual([]);
    } finally {
      await start.stop();
      await forgetPath(join(checkout, '.tradepost/data/rabbitmq'));
    }
  }, 240_000);
});
