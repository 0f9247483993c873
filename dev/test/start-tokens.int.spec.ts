import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { TestBroker } from '@tradepost/messaging/testing';
import { environment, EventReader, eventually } from '@tradepost/test-kit';
import { fetch } from 'undici';
import type { State } from '../../ops/shop/state';
import { freePorts } from '../local/ports';
import { LinkedStart } from '../start/linked-start';

const run = promisify(execFile);

describe('npm start with AUTH=jwt', () => {
  let folder: string;
  let broker: TestBroker;
  let checkout: LinkedStart;
  let state: State;
  let orders: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tradepost-tokens-'));
    broker = await TestBroker.create();
    const [port] = await freePorts([undefined]);
    checkout = await LinkedStart.create(join(folder, 'checkout'), {
      ...process.env,
      AUTH: 'jwt',
      PORT_ISSUER: String(port),
      AMQP_URL: broker.amqpUrl,
      POSTGRES_URL: environment().postgresUrl,
    });
    state = await checkout.start();
    orders = state.services?.orders?.url ?? '';
  });
  afterAll(async () => {
    await checkout?.stop();
    await broker?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** A command of the project, beside that start. */
  const command = async (name: string, ...args: string[]) => {
    const env = { PATH: process.env.PATH, NO_COLOR: '1' };
    const options = { cwd: join(folder, 'checkout'), env };
    const all = [resolve('dist', `${name}.js`), ...args];
    return (await run(process.execPath, all, options)).stdout.trim();
  };
  const tokenOf = async (...args: string[]) => {
    return { authorization: `Bearer ${await command('dev/token', ...args)}` };
  };
  const ask = async (path: string, headers?: { authorization: string }) => {
    const response = await fetch(`${orders}${path}`, { headers });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  /** What it prints is pasted into a shell. */
  const placed = async () => {
    // What it prints last comes a moment after what it writes.
    const command = await eventually(() => {
      const lines = checkout.output.split('\n');
      const at = lines.findIndex((line) => line.includes('Place an order:'));
      expect(lines.length).toBeGreaterThan(at + 3);
      expect(at).toBeGreaterThan(-1);
      return lines.slice(at + 1, at + 3).join('\n');
    });
    const { stdout } = await run('bash', ['-c', command]);
    return JSON.parse(stdout) as { id: string };
  };

  it('prints an order of a customer, which is theirs alone', async () => {
    const { id } = await placed();
    const [own, other] = [await tokenOf('--customer', '1'), await tokenOf('--customer', '2')];
    const path = `/v1/orders/${id}`;
    await eventually(async () => expect((await ask(path, own)).body.status).toBe('completed'), {
      withinMs: 30_000,
    });
    expect((await ask(path)).status).toBe(401);
    const none = await ask('/v1/orders/019aa9e7-3f2f-7000-8000-000000000000', other);
    expect(none.status).toBe(404);
    expect(await ask(path, other)).toEqual(none);
    expect((await ask('/v1/orders', other)).body).toMatchObject({ items: [] });
    for (const [headers, status] of [[own, 200] as const, [other, 404] as const]) {
      const reader = await EventReader.open(`${orders}${path}/events`, headers);
      expect(reader.status).toBe(status);
      reader.leave();
    }
  }, 60_000);

  it('has its commands let in', async () => {
    expect(await command('ops/audit')).toContain('Clean');
    const traffic = await command('dev/traffic', '--rate', '5', '--for', '2s', '--json');
    expect(JSON.parse(traffic)).toMatchObject({ late: 0, problems: {} });
    expect(checkout.output).not.toMatch(/Not known whether|Warning/);
  }, 60_000);

  it('has a console that is entered by a token, and asks services by its own', async () => {
    const url = state.console?.url ?? '';
    expect((await fetch(`${url}/api/products`)).status).toBe(401);
    const { authorization } = await tokenOf('--scope', 'ops');
    const entered = await fetch(`${url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: authorization.slice('Bearer '.length) }),
    });
    const [cookie = ''] = entered.headers.get('set-cookie')?.split(';') ?? [];
    expect((await fetch(`${url}/api/products`, { headers: { cookie } })).status).toBe(200);
  });
});
