import { BrokerApi } from '@tradepost/messaging';
import { TestBroker, eventually } from '@tradepost/messaging/testing';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetch } from 'undici';
import type { Service } from '../../apps/services';
import type { State } from '../../ops/shop/state';
import { environment } from '../../test/kit/environment';
import { LinkedStart } from '../start/linked-start';
import { Debugger } from './debugger';

const controller = 'apps/users/src/users.controller.ts';
const store = 'apps/users/src/users.store.ts';
/** What a user is answered with, once it is changed. */
const marked = "return { ...user, name: 'A' };";
const withinMs = 60_000;

describe('npm run dev', () => {
  let folder: string;
  let broker: TestBroker;
  let start: LinkedStart;
  let debuggerPort: number;

  const file = (name: string) => join(folder, 'checkout', name);
  const change = (name: string, from: string | RegExp, to: string) => {
    const text = readFileSync(file(name), 'utf8');
    expect(text.replace(from, to)).not.toBe(text);
    writeFileSync(file(name), text.replace(from, to));
  };
  const state = () => JSON.parse(readFileSync(file('.tradepost/state.json'), 'utf8')) as State;
  const of = (name: Service) => state().services?.[name] ?? { url: '', pid: 0 };
  const get = async (name: Service, path: string) => {
    const response = await fetch(`${of(name).url}${path}`, { signal: AbortSignal.timeout(5_000) });
    return (await response.json()) as Record<string, unknown>;
  };
  const toSay = (text: string | RegExp) =>
    eventually(() => expect(start.output).toMatch(text), { withinMs, everyMs: 50 });
  const toAnswer = (expected: object) =>
    eventually(async () => expect(await get('users', '/v1/users/1')).toMatchObject(expected), {
      ...{ withinMs, everyMs: 20 },
    });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tradepost-dev-'));
    broker = await TestBroker.create();
    const env = {
      ...process.env,
      AMQP_URL: broker.amqpUrl,
      POSTGRES_URL: environment().postgresUrl,
    };
    start = await LinkedStart.create(join(folder, 'checkout'), env, {
      copied: ['dist', 'apps', 'libs', 'tsconfig.json'],
      args: ['--watch', '--inspect', 'users'],
    });
    // Of the sources alone: their tests need more than is copied.
    change('tsconfig.json', /"include": .*/, '"include": ["apps/*/src", "libs/*/src"],');
    await start.start();
    await toSay(/Watching apps and libs/);
    const [, port] = /users: a debugger may come to 127\.0\.0\.1:(\d+)/.exec(start.output) ?? [];
    debuggerPort = Number(port);
  }, 120_000);

  afterAll(async () => {
    await start.stop();
    await broker.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('gives each app a user of its own at the broker', async () => {
    const of = async () => {
      const { managementUrl } = environment();
      const api = new BrokerApi(managementUrl, broker.amqpUrl);
      return (await api.connections()).map(({ user }) =>
        user.replace(/^tradepost-[0-9a-f]{8}-/, ''),
      );
    };
    const apps = ['console', 'financial', 'log-sink', 'orders', 'payments', 'users'];
    await eventually(async () => expect([...new Set(await of())].sort()).toEqual(apps), {
      withinMs,
    });
    expect(new URL(state().operator?.amqpUrl ?? '').username).toMatch(/^tradepost-.*-operator$/);
    expect(statSync(file('.tradepost/state.json')).mode & 0o777).toBe(0o600);
  });

  it('runs a changed source in its service alone', async () => {
    const [users, orders] = [of('users').pid, of('orders').pid];
    change(controller, 'return user;\n  }\n}', `${marked}\n  }\n}`);
    await toAnswer({ name: 'A' });

    await eventually(() => expect(of('users').pid).not.toBe(users));
    expect(of('orders').pid).toBe(orders);
  });

  it('holds a handler at a breakpoint in its source', async () => {
    const lines = readFileSync(file(controller), 'utf8').split('\n');
    const place = {
      file: file(controller),
      line: lines.findIndex((text) => text.includes(marked)),
    };
    const attached = await Debugger.attach(debuggerPort);
    try {
      await attached.breakAt(place);
      const answer = get('users', '/v1/users/1');

      expect(await attached.held()).toEqual(place);

      await attached.resume();
      expect(await answer).toMatchObject({ id: '1', name: 'A' });
    } finally {
      attached.close();
    }
  });

  it('lets the old one run on while the new one does not compile or load', async () => {
    const { pid } = of('users');
    const text = readFileSync(file(store), 'utf8');
    writeFileSync(file(store), `${text}export const a = {`);
    await toSay(/users\.store\.ts:\d+/);
    writeFileSync(file(store), `${text}throw new Error('at load');`);
    await toSay(/users does not load/);

    expect(of('users').pid).toBe(pid);
    expect(await get('users', '/v1/users/1')).toMatchObject({ name: 'A' });
    writeFileSync(file(store), text);
    await eventually(() => expect(of('users').pid).not.toBe(pid), { withinMs });
  });

  it('starts again with the next change what could not start', async () => {
    const broken = "onModuleInit() { throw new Error('not today'); }";
    change(controller, marked, `${marked} } ${broken} rest() {`);
    await toSay(/users cannot start; it waits for the next change/);

    change(controller, ` } ${broken} rest() {`, '');
    await toAnswer({ name: 'A' });
  });

  it('runs what has a wrong type, and says so', async () => {
    change(controller, marked, marked.replace("'A'", '12'));

    await toAnswer({ name: 12 });
    await toSay(/types +│ apps\/users\/src\/users\.controller\.ts\(\d+,\d+\): error TS2322/);
  });

  it('starts all services again that use what has changed in libs', async () => {
    const before = [of('users').pid, of('orders').pid];
    change('libs/database/src/index.ts', 'export', 'export const added = 1;\nexport');

    await eventually(
      () => {
        const now = [of('users').pid, of('orders').pid];
        expect(now.filter((pid, at) => pid > 0 && pid !== before[at])).toHaveLength(2);
      },
      { withinMs },
    );
  });

  it('stops in good order', async () => {
    await start.stop();

    expect(start.output).toMatch(/Stopped after [\d.]+ s\.\n$/);
  });
});
