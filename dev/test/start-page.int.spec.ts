import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '@tradepost/messaging/testing';
import { fetch } from 'undici';
import { appNames, apps } from '../../apps/services';
import { freePorts } from '../local/ports';
import { forgetPath } from '../local/steady-path';
import { copyCheckout, Start } from './checkout-copy';
import { commandsUnder, follow, isFollowed } from './start-page';

const added = ['apps/shipping', 'apps/orders/src', 'libs/contracts', 'apps/services.ts'];
const usual: Record<string, number> = { shipping: 3007 };
for (const app of appNames) usual[app] = apps[app].port;

interface Answer {
  status: number;
  body: Record<string, unknown> & { items?: Record<string, unknown>[] };
}

describe('docs/START.md, followed from an empty folder on', () => {
  let folder: string;
  let start: Start | undefined;
  const ports: Record<string, number> = {};

  const run = async (program: string, ...args: string[]) => {
    const options = { cwd: folder, maxBuffer: 2 ** 26 };
    const running = promisify(execFile)(program, args, options);
    const { stdout } = await running.catch((error: { stdout: string; stderr: string }) => {
      throw new Error(`${program} ${args.join(' ')}:\n${error.stdout}${error.stderr}`);
    });
    return stdout;
  };
  const node = (program: string, ...args: string[]) => run(process.execPath, program, ...args);
  const tool = (program: string, ...args: string[]) => node(`node_modules/${program}`, ...args);

  async function ask(app: string, path: string, body?: object): Promise<Answer> {
    const response = await fetch(`http://127.0.0.1:${ports[app]}${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  }

  async function buy(): Promise<string> {
    const items = [{ sku: 'MUG-BLUE', quantity: 2 }];
    const { body } = await ask('orders', '/v1/orders', { customerId: '1', currency: 'USD', items });
    return String(body.id);
  }

  /** Of an order, once it is as it should be. */
  const parcelOf = (orderId: string, expected: object) =>
    eventually(async () => {
      const { body } = await ask('shipping', `/v1/parcels?orderId=${orderId}`);
      expect(body.items).toMatchObject([expected]);
      return body.items?.[0] ?? {};
    });

  async function drill(name: string): Promise<void> {
    await eventually(async () => {
      const { status } = await ask('console', `/api/drills/${name}`, { service: 'shipping' });
      expect(status).toBe(200);
    });
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'start-page-'));
    // Under root the servers run as other users.
    chmodSync(folder, 0o755);
    copyCheckout(folder);
    const free = await freePorts(Object.keys(usual).map(() => undefined));
    for (const [at, app] of Object.keys(usual).entries()) ports[app] = free[at] ?? 0;
    if (isFollowed(folder)) {
      throw new Error('START.md is followed here: delete it, and dev/test/start-page*, when done');
    }
    await node('dev/run.mjs', 'new-service', 'shipping');
    follow(folder);
  }, 120_000);

  afterAll(async () => {
    await start?.stop();
    await forgetPath(join(folder, '.tradepost/data/rabbitmq'));
    rmSync(folder, { recursive: true, force: true });
  });

  it('leaves what passes the checks', async () => {
    await node('dev/run.mjs', 'topology', 'graph');
    await node('dev/run.mjs', 'contracts', 'write');
    await tool('eslint/bin/eslint.js', ...added);
    await tool('prettier/bin/prettier.cjs', '--check', ...added, 'docker-compose.yml');
    await tool('dependency-cruiser/bin/dependency-cruise.mjs', '-T', 'err', 'apps', 'libs');
    await tool('knip/bin/knip.js', '--no-progress');
  }, 300_000);

  it('leaves tests that pass', async () => {
    const added = ['apps/shipping', 'libs/contracts', 'dev/contracts', 'dev/test/services'];
    await node('dev/run.mjs', 'test', ...added);
  }, 300_000);

  it('starts, and what is pasted shows what the page says', async () => {
    start = await Start.in(folder, ports);
    expect(start.output).toContain('Ready in');

    const here = Object.entries(usual).reduce(
      (text, [app, port]) => text.replaceAll(`localhost:${port}`, `localhost:${ports[app]}`),
      commandsUnder('See it work'),
    );
    const said = await run('bash', '-c', here);

    expect(said).toMatch(/order \S+ is completed\n.*placed/);
    expect(said).toContain('captured 2500 USD');
    for (const app of ['orders', 'payments', 'financial']) expect(said).toContain(`\n${app}: `);
    expect(said).toMatch(/order \S+ is payment_failed\n/);
    expect(said).toMatch(/order (\S+) is awaiting_payment\norder \1 is completed\n/);
    expect(said).toMatch(/\nClean /);
  }, 300_000);

  it('has a service that keeps a parcel, has a courier booked, and says that it is packed', async () => {
    const orderId = await buy();
    const parcel = await parcelOf(orderId, {
      status: 'packed',
      trackingNumber: expect.stringMatching(/^TP-/),
    });
    const path = `/v1/logs?field.parcelId=${String(parcel.id)}`;
    await eventually(async () => {
      const { body } = await ask('log-sink', path);
      expect(body.items).toMatchObject([{ service: 'orders', message: 'parcel packed' }]);
    });
    expect(await ask('orders', `/v1/orders/${orderId}/parcel`)).toEqual({
      status: 200,
      body: { parcelId: parcel.id, trackingNumber: parcel.trackingNumber },
    });

    await ask('orders', `/v1/orders/${orderId}/cancel`, { reason: 'a trial' });
    await parcelOf(orderId, { status: 'called_back' });
  }, 60_000);

  it('answers for an order without a parcel, and without shipping', async () => {
    const id = '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e0f';
    const path = `/v1/orders/${id}/parcel`;
    expect((await ask('orders', path)).status).toBe(404);

    await drill('stop-worker');
    await eventually(async () => expect((await ask('orders', path)).status).toBe(504));
    await drill('start-worker');
    await eventually(async () => expect((await ask('orders', path)).status).toBe(404));
  }, 60_000);
});
