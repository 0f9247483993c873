import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
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

const endpointsFor = async (args: string[], environment: Record<string, string> = {}) =>
  endpointsOf((await commandOf(args)).endpoints, environment);

it('wants every service named where nothing runs, and no state file then', async () => {
  await expect(endpointsFor(['--orders', 'http://a:1'])).rejects.toThrow(EndpointUnknown);
  const flags = services.flatMap((name, i) => [`--${name}`, `http://${name}:${i + 1}/`]);
  const endpoints = await endpointsFor([
    ...flags,
    ...['--orders', 'http://other:1', '--gateway', 'http://g:1/'],
  ]);
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
  const { services: found, gateway, ...tokens } = await endpointsFor(['--users', 'http://else:1']);
  expect([found.users, found.orders]).toEqual([['http://else:1'], ['http://orders']]);
  expect(gateway).toBe('http://gateway');
  expect([tokens.token, await tokens.opsToken?.()]).toEqual([undefined, 'token']);
});

it('takes secrets from the environment or from files, not from arguments', async () => {
  await expect(commandOf(['--ops-token', 'x'])).rejects.toThrow(Usage);
  const file = join(folder, 'ops-token');
  await writeFile(file, 'of a file\n');

  const withOpsToken = await endpointsFor([], { OPS_TOKEN_FILE: file });
  expect([withOpsToken.token, await withOpsToken.opsToken?.()]).toEqual([undefined, 'of a file']);

  const withToken = await endpointsFor([], { AUTH_TOKEN: 'a-token' });
  expect(await Promise.all([withToken.token?.(), withToken.opsToken?.()])).toEqual([
    'a-token',
    'a-token',
  ]);
});

it('takes the client of a running start with AUTH=jwt', async () => {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    const { authorization = '' } = request.headers;
    response.end(
      JSON.stringify({ access_token: authorization.split(' ')[1], token_type: 'Bearer' }),
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const tokenUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  const credentials = { tokenUrl, clientId: 'commands', clientSecret: 'secret' };
  const running = services.map((name) => [name, { url: `http://${name}`, pid: 1 }]);
  const state = { pid: 1, services: Object.fromEntries(running) as object, credentials };
  await writeFile(stateFile, JSON.stringify(state));

  const { token, opsToken } = await endpointsFor([]);

  const login = Buffer.from('commands:secret').toString('base64');
  expect(await Promise.all([token?.(), opsToken?.()])).toEqual([login, login]);
  await new Promise((done) => server.close(done));
});

it('names a service that the running start does not know', async () => {
  const state = { pid: 1, services: { orders: { url: 'http://orders', pid: 1 } } };
  await writeFile(stateFile, JSON.stringify(state));
  await expect(endpointsFor([])).rejects.toThrow('no users: begin with `npm start`');
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
