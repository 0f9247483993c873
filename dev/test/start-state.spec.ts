import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimState, removeState, writeState } from '../start/state';
import { stateFile } from '../../ops/shop/state';

const root = process.cwd();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tradepost-state-'));
  process.chdir(folder);
  await mkdir('.tradepost');
});

afterAll(async () => {
  process.chdir(root);
  await rm(folder, { recursive: true });
});

it('writes concurrent states one after the other, and keeps the last', async () => {
  await Promise.all(Array.from({ length: 20 }, (_, pid) => writeState({ pid })));

  expect(JSON.parse(await readFile(stateFile, 'utf8'))).toEqual({ pid: 19 });
});

it('is readable for its owner alone: it has the token of the services', async () => {
  await removeState();
  const modeOf = async () => ((await stat(stateFile)).mode & 0o777).toString(8);
  await claimState();
  expect(await modeOf()).toBe('600');
  await writeState({ pid: process.pid, opsToken: 'a-token-for-operators' });
  expect(await modeOf()).toBe('600');
});

it('ends a service that a killed start has left behind', async () => {
  const held = [join(root, 'dist/dev/start/held-service.js'), 'users'];
  const left = spawn(process.execPath, held, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const ended = once(left, 'exit');
  const killed = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(killed, 'exit');
  const url = 'http://localhost:1';
  const users = { url, pid: left.pid ?? 0 };
  await writeState({ pid: killed.pid ?? 0, services: { users } });

  await claimState();

  expect(await ended).toEqual([null, 'SIGKILL']);
});
