import { environment, eventually, ServiceProcess, Shop, TestBroker } from '@tradepost/test-kit';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv, promisify } from 'node:util';
import { services } from '../../apps/services';
import { Storefront } from './storefront';

const token = 'the-ops-token-of-all';
const queue = 'payments.charge-payment';
const run = promisify(execFile);

describe('a shop whose users have the least permissions', () => {
  let broker: TestBroker;
  let folder: string;
  let prefix: string;
  let passwords: Partial<Record<string, string>>;
  let shop: Shop;
  let front: Storefront;

  const topology = async (...args: string[]) => {
    const { managementUrl: AMQP_MANAGEMENT_URL } = environment();
    const env = { AMQP_URL: broker.amqpUrl, AMQP_MANAGEMENT_URL, AMQP_MODE: 'strict' };
    return (await run(process.execPath, ['dist/ops/topology.js', ...args], { env })).stdout;
  };
  /** The URL as that party's user has it. */
  const as = (party: string, given: string) => {
    const url = new URL(given);
    const variable = `AMQP_PASSWORD_${party.toUpperCase().replace('-', '_')}`;
    [url.username, url.password] = [`${prefix}${party}`, passwords[variable] ?? ''];
    return url.href;
  };
  const urlsOf = (party: string) => ({
    AMQP_URL: as(party, broker.amqpUrl),
    AMQP_MODE: 'strict',
    AMQP_MANAGEMENT_URL: as(party, environment().managementUrl),
  });

  beforeAll(async () => {
    broker = await TestBroker.create();
    folder = await mkdtemp(join(tmpdir(), 'users-'));
    prefix = `${new URL(broker.amqpUrl).pathname.slice(1)}-`;
    const file = join(folder, 'passwords.env');
    const apply = () => topology('apply', '--users', '--prefix', prefix, '--passwords', file);
    expect(await apply()).toContain(`created user ${prefix}log-sink\n`);
    expect(await apply()).not.toContain('user');
    passwords = parseEnv(await readFile(file, 'utf8'));
    const urls = services.map((service) => [service, as(service, broker.amqpUrl)]);
    shop = await Shop.start({
      amqpUrl: broker.amqpUrl,
      amqpUrls: Object.fromEntries(urls) as Record<string, string>,
      postgresUrl: environment().postgresUrl,
      env: { OPS_TOKEN: token },
      readyWithinMs: 60_000,
    });
    front = new Storefront(shop);
  }, 120_000);

  afterAll(async () => {
    await shop?.stop();
    expect(await topology('drop-users', '--prefix', prefix)).toContain(`removed user ${prefix}`);
    await broker?.close();
    await rm(folder, { recursive: true });
    expect(shop.lastLines(1_000)).not.toMatch(/ACCESS_REFUSED|lacks permissions/);
  });

  it('sells, and gives money back', async () => {
    const items = [{ sku: 'MUG-BLUE', quantity: 1 }];
    const { id } = await front.place({ customerId: '1', currency: 'USD', items });
    await front.orderWhen(id, 'completed');
    const found = async () => expect(await front.logs({ 'field.orderId': id })).toHaveLength(3);
    await eventually(found);
    await front.cancel(id, 'changed their mind');
    await front.orderWhen(id, 'cancelled');
    expect(await broker.allDeadLetters()).toEqual({});
  }, 60_000);

  it('lets operators list, replay, discard and put back dead letters', async () => {
    const deadLetters = async (...args: string[]) => {
      const env = urlsOf('operator');
      const all = ['dist/ops/dead-letters.js', ...args, '--json'];
      return JSON.parse((await run(process.execPath, all, { env })).stdout) as unknown;
    };
    await broker.sendToQueue(queue, { no: 'payment' });
    const dead = async () => expect(await broker.depth(`${queue}.dead`)).toBe(1);
    await eventually(dead);
    expect(await deadLetters('list')).toMatchObject({ items: [{ count: 1 }] });
    await deadLetters('replay', '--queue', queue).catch(() => undefined);
    await eventually(dead);
    await deadLetters('discard', '--queue', queue, '--yes');
    expect(await broker.depth(`${queue}.dead`)).toBe(0);
    const { items } = (await deadLetters('operations')) as {
      items: { operation: number; action: string }[];
    };
    const discarded = items.find(({ action }) => action === 'discard');
    await deadLetters('undo', `${discarded?.operation}`);
    await eventually(dead);
  }, 60_000);

  it('shows its console the broker, and does not let it change it', async () => {
    const console = await ServiceProcess.start({
      app: 'console',
      env: {
        ...urlsOf('console'),
        SERVICES: services.map((name) => `${name}=${shop.url(name)}`).join(','),
        OPS_TOKEN: token,
        LOG_FORMAT: 'text',
      },
    });
    try {
      await console.ready({ withinMs: 20_000 });
      const signedIn = await fetch(`${console.url}/api/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token }),
      });
      const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
      const ask = async (path: string, method = 'GET') => {
        const headers = { cookie, 'content-type': 'application/json' };
        const body = method === 'POST' ? '{}' : undefined;
        const response = await fetch(`${console.url}/api${path}`, { method, headers, body });
        return { status: response.status, body: await response.json() };
      };
      expect(await ask('/topology')).toMatchObject({
        status: 200,
        body: { differences: [], unchecked: [] },
      });
      expect(await ask(`/queues/${encodeURIComponent(`${queue}.dead`)}/messages`)).toMatchObject({
        status: 200,
        body: { items: [{}] },
      });
      await broker.deleteExchange('order-cancelled');
      expect(await ask('/topology/apply', 'POST')).toMatchObject({
        status: 403,
        body: { detail: expect.stringContaining('npm run topology -- apply') as string },
      });
    } finally {
      await console.close();
    }
  }, 60_000);
});
