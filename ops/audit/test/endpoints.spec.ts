import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { services } from '../../../apps/services';
import { stateFile } from '../../shop/state';
import { Usage } from '../../shop/arguments';
import { commandOf } from '../command';
import { EndpointUnknown, endpointsOf } from '../endpoints';

const root = process.cwd();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tradepost-endpoints-'));
  process.chdir(folder);
  await mkdir('.tradepost');
});

afterAll(async () => {
  process.chdir(root);
  await rm(folder, { recursive: true });
});

const endpointsFor = async (...args: string[]) => endpointsOf((await commandOf(args)).endpoints);

it('wants every service named where nothing runs, and no state file then', async () => {
  await expect(endpointsFor('--orders', 'http://a:1')).rejects.toThrow(EndpointUnknown);
  const flags = services.flatMap((name, i) => [`--${name}`, `http://${name}:${i + 1}/`]);
  const endpoints = await endpointsFor(
    ...flags,
    '--orders',
    'http://other:1',
    '--gateway',
    'http://g:1/',
  );
  expect(endpoints).toEqual({
    services: {
      ...Object.fromEntries(services.map((name, i) => [name, [`http://${name}:${i + 1}`]])),
      orders: ['http://orders:1', 'http://other:1'],
    },
    gateway: 'http://g:1',
  });
});

it('takes what is not named from the running start', async () => {
  const running = Object.fromEntries(
    services.map((name) => [name, { url: `http://${name}`, pid: 1 }]),
  );
  const state = { pid: 1, services: running, opsToken: 'token', gatewayUrl: 'http://gateway' };
  await writeFile(stateFile, JSON.stringify(state));
  const { services: found, ...rest } = await endpointsFor('--users', 'http://else:1');
  expect([found.users, found.orders]).toEqual([['http://else:1'], ['http://orders']]);
  expect(rest).toEqual({ gateway: 'http://gateway', opsToken: 'token' });
});

it('names a service that the running start does not know', async () => {
  const state = { pid: 1, services: { orders: { url: 'http://orders', pid: 1 } } };
  await writeFile(stateFile, JSON.stringify(state));
  await expect(endpointsFor()).rejects.toThrow('no users: begin with `npm start`');
});

it.each([
  ['--orders', 'localhost:3000'],
  ['--order-deadline-ms', '1.5'],
  ['--clock-skew-ms', ''],
  ['--accepted', 'not-there'],
  ['more'],
])('refuses %s %s', async (...args) => {
  await expect(commandOf(args)).rejects.toThrow(Usage);
});
