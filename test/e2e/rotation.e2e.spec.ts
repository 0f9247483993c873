import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv, promisify } from 'node:util';
import { Db } from '@tradepost/database';
import { fixedToken } from '@tradepost/service';
import { environment, eventually, Shop, SteadyCustomers, TestBroker } from '@tradepost/test-kit';
import { services, type Service } from '../../apps/services';
import { audit } from '../../ops/audit/audit';
import type { Endpoints } from '../../ops/audit/endpoints';

const run = promisify(execFile);
const balanced = ['orders', 'payments', 'users'] as const;
const replicas = services.length + balanced.length;
const readyWithinMs = 90_000;
const random = () => randomBytes(24).toString('hex');

describe('while customers buy, each asks once and is answered as ever:', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rotation-'));
  const serving = new Map(balanced.map((name) => [name, new Set<string>()]));
  let broker: TestBroker;
  let shop: Shop;
  let customers: SteadyCustomers;
  let base: string;
  let opsToken = random();
  const roles: { old: string; fresh: string }[] = [];

  const inDatabase = async (text: string): Promise<object[]> => {
    const admin = new Db({ url: environment().postgresUrl, poolMax: 1 });
    return admin.query({ name: random(), text }).finally(() => admin.close());
  };

  const topology = async (...args: string[]) => {
    const env = {
      AMQP_URL: broker.amqpUrl,
      AMQP_MANAGEMENT_URL: environment().managementUrl,
      AMQP_MODE: 'strict',
    };
    return (await run(process.execPath, ['dist/ops/topology.js', ...args], { env })).stdout;
  };

  /** A set of users. @returns the URL of each service */
  const applyUsers = async (set: string): Promise<Record<Service, string>> => {
    const file = join(folder, `${set}.env`);
    const prefix = `${base}-${set}-`;
    const said = await topology('apply', '--users', '--prefix', prefix, '--passwords', file);
    expect(said).toContain(`created user ${prefix}orders\n`);
    const passwords = parseEnv(readFileSync(file, 'utf8'));
    const urls = services.map((service) => {
      const password = passwords[`AMQP_PASSWORD_${service.toUpperCase().replace('-', '_')}`];
      const url = Object.assign(new URL(broker.amqpUrl), {
        ...{ username: prefix + service, password },
      });
      return [service, url.href] as const;
    });
    return Object.fromEntries(urls) as Record<Service, string>;
  };
  const dropUsers = async (set: string) => {
    const prefix = `${base}-${set}-`;
    expect(await topology('drop-users', '--prefix', prefix)).toContain(`user ${prefix}orders`);
  };

  /** At once, as an orchestrator does it. */
  const write = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(`${file}.new`, `${text}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
    return file;
  };

  /** One replica after the other; a balancer asks the others meanwhile. */
  const restart = async (service: Service, env: Record<string, string | undefined> = {}) => {
    const urls = serving.get(service as 'orders');
    for (const replica of shop.replicas(service)) {
      urls?.delete(replica.url);
      Object.assign(replica.env, env);
      expect(await replica.stop()).toMatchObject({ signal: null, code: 0 });
      replica.start();
      await replica.ready({ withinMs: readyWithinMs });
      urls?.add(replica.url);
    }
  };

  const more = async (count: number) => {
    const { length } = customers.accepted;
    const placed = () => expect(customers.accepted.length).toBeGreaterThan(length + count);
    await eventually(placed, { withinMs: 60_000 });
  };

  /** How many replicas are at the broker as users of this set. */
  const connected = async (set: string): Promise<number> => {
    const { origin, username, password } = new URL(environment().managementUrl);
    const headers = { authorization: `Basic ${btoa(`${username}:${password}`)}` };
    const counts = services.map(async (service) => {
      const path = `/api/connections/username/${base}-${set}-${service}`;
      return ((await (await fetch(`${origin}${path}`, { headers })).json()) as object[]).length;
    });
    return (await Promise.all(counts)).reduce((sum, one) => sum + one, 0);
  };

  /** Every order is completed, once; nobody was answered otherwise. */
  const allIsWell = async () => {
    await customers.leave();
    expect(customers.failures).toEqual([]);
    expect(shop.lastLines(1_000)).not.toMatch(/ACCESS.REFUSED|authentication failed/i);
    const { accepted } = customers;
    const endpoints: Endpoints = {
      services: Object.fromEntries(
        services.map((name) => [name, shop.replicas(name).map(({ url }) => url)]),
      ) as Record<Service, string[]>,
      opsToken: fixedToken(opsToken),
    };
    const report = await eventually(
      async () => {
        const found = await audit(endpoints, { accepted });
        expect(found.inFlight).toBe(0);
        return audit(endpoints, { accepted, settled: true, orderDeadlineMs: 0 });
      },
      { withinMs: 120_000, everyMs: 500 },
    );
    expect(report).toMatchObject({ violations: [], deadLetters: 0 });
    expect(report.states).toEqual({ completed: report.orders });
  };

  beforeAll(async () => {
    broker = await TestBroker.create();
    base = new URL(broker.amqpUrl).pathname.slice(1);
    shop = await Shop.start({
      amqpUrl: broker.amqpUrl,
      amqpUrls: await applyUsers('first'),
      postgresUrl: environment().postgresUrl,
      replicas: { orders: 2, payments: 2, users: 2 },
      env: { OPS_TOKEN: opsToken },
      readyWithinMs,
    });
    for (const name of balanced) {
      for (const { url } of shop.replicas(name)) serving.get(name)?.add(url);
    }
  }, 240_000);
  beforeEach(async () => {
    customers = new SteadyCustomers(serving);
    await more(20);
  });
  afterEach(() => customers.leave());
  afterAll(async () => {
    await shop?.stop();
    await broker?.close();
    for (const { fresh } of roles) await inDatabase(`DROP ROLE IF EXISTS ${fresh}`);
    for (const set of ['first', 'second', 'third']) {
      await topology('drop-users', '--prefix', `${base}-${set}-`);
    }
    rmSync(folder, { recursive: true });
  }, 120_000);

  it('services are restarted one by one with second users of the broker and another OPS_TOKEN', async () => {
    const urls = await applyUsers('second');
    const fresh = random();
    for (const service of services) {
      const postgresUrl = shop.replicas(service)[0]?.env.POSTGRES_URL ?? '';
      await restart(service, {
        AMQP_URL: undefined,
        AMQP_URL_FILE: write(`${service}-amqp`, urls[service]),
        POSTGRES_URL: undefined,
        POSTGRES_URL_FILE: write(`${service}-postgres`, postgresUrl),
        OPS_TOKEN: fresh,
      });
    }
    expect(await connected('first')).toBe(0);
    expect(await connected('second')).toBeGreaterThanOrEqual(replicas);
    await dropUsers('first');
    const asked = [opsToken, fresh].map(async (token) => {
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch(`${shop.url('orders')}/ops/dead-letters`, { headers })).status;
    });
    expect(await Promise.all(asked)).toEqual([401, 200]);
    opsToken = fresh;
    await more(50);
    await allIsWell();
  }, 400_000);

  it('services read of third users in their files, and come again as these when the second go', async () => {
    const urls = await applyUsers('third');
    for (const service of services) write(`${service}-amqp`, urls[service]);
    await dropUsers('second');
    const come = async () => expect(await connected('third')).toBeGreaterThanOrEqual(replicas);
    await eventually(come, { withinMs: 30_000 });
    await more(50);
    await allIsWell();
  }, 240_000);

  it('databases get second roles, and services are restarted one by one with these', async () => {
    for (const service of services) {
      const url = new URL(readFileSync(join(folder, `${service}-postgres`), 'utf8'));
      const old = url.username;
      [url.username, url.password] = [`${old}_b`, random()];
      roles.push({ old, fresh: url.username });
      const login = `LOGIN PASSWORD '${url.password}'`;
      await inDatabase(`CREATE ROLE ${url.username} ${login} IN ROLE ${old}`);
      write(`${service}-postgres`, url.href);
    }
    for (const service of services) await restart(service);
    const names = roles.map(({ old }) => `'${old}'`).join();
    const text = `SELECT usename FROM pg_stat_activity WHERE usename IN (${names})`;
    expect(await inDatabase(text)).toEqual([]);
    for (const { old } of roles) await inDatabase(`ALTER ROLE ${old} NOLOGIN`);
    await more(50);
    await allIsWell();
  }, 400_000);
});
