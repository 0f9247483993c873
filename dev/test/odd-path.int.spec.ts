import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@tradepost/messaging/testing';
import { fetch } from 'undici';
import { appNames } from '../../apps/services';
import { openDataFolder } from '../local/embedded-binaries';
import { freePorts } from '../local/ports';
import { forgetPath } from '../local/steady-path';
import { copyCheckout, Start } from './checkout-copy';

/** What shells, URLs and Erlang read as more than a name. */
const oddName = `a 'b"c d$e`;

describe(`a checkout in a folder that is called ${oddName}`, () => {
  let folder: string;
  let start: Start | undefined;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'odd-'));
    // Under root the servers run as other users.
    chmodSync(folder, 0o755);
    copyCheckout(join(folder, oddName));
  });

  afterAll(async () => {
    await start?.stop();
    const data = join(folder, oddName, '.tradepost/data');
    await forgetPath(join(data, 'rabbitmq'));
    rmSync(openDataFolder(data), { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  });

  it('is built and started by npm start, and sells', async () => {
    const chosen = await freePorts(appNames.map(() => undefined));
    const ports = Object.fromEntries(appNames.map((app, at) => [app, chosen[at] ?? 0]));
    start = await Start.in(join(folder, oddName), ports);
    expect(start.output).toContain('Ready in');

    const orders = `http://127.0.0.1:${ports.orders}/v1/orders`;
    const mug = { customerId: '1', currency: 'USD', items: [{ sku: 'MUG-BLUE', quantity: 1 }] };
    const headers = { 'content-type': 'application/json' };
    await fetch(orders, { method: 'POST', headers, body: JSON.stringify(mug) });
    const listed = async () => expect(await (await fetch(orders)).json());
    await eventually(async () =>
      (await listed()).toMatchObject({ items: [{ status: 'completed' }] }),
    );
    expect(await start.stop()).toBe(0);
  }, 240_000);
});
