import { environment, eventually } from '@tradepost/test-kit';
import { spawn, type SpawnOptions } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stateFile } from '../../ops/shop/state';

const program = resolve(__dirname, '../../dist/dev/lab.js');

function run(args: string[], options: Omit<SpawnOptions, 'stdio'> = {}) {
  const child = spawn(process.execPath, [program, ...args], { ...options, stdio: 'pipe' });
  const said = { out: '', error: '' };
  child.stdout.on('data', (text: Buffer) => (said.out += text.toString()));
  child.stderr.on('data', (text: Buffer) => (said.error += text.toString()));
  const exitCode = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, said, exitCode };
}

async function virtualHosts(): Promise<string[]> {
  const { origin, username, password } = new URL(environment().managementUrl);
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const response = await fetch(`${origin}/api/vhosts`, { headers: { authorization } });
  return ((await response.json()) as { name: string }[]).map(({ name }) => name);
}

it('says how it is used, with exit code 2', async () => {
  const { said, exitCode } = run(['nonsense']);
  expect(await exitCode).toBe(2);
  expect(said.error).toContain('There is no pattern "nonsense"');
  expect(said.error).toContain('--help says what it takes.');
});

it('leaves nothing on the broker when it is broken off, and prints no colours into a pipe', async () => {
  const { child, said, exitCode } = run(['fanout']);
  await eventually(() => expect(said.out).toContain('order 1 →'), { withinMs: 20_000 });
  const [, own = ''] = /virtual host (\S+)/.exec(said.out) ?? [];
  expect(await virtualHosts()).toContain(own);
  child.kill('SIGINT');
  expect(await exitCode).toBe(130);
  expect(said.out).not.toContain('\u001b');
  expect(await virtualHosts()).not.toContain(own);
});

it('takes the broker of the npm start that runs, where nothing else is named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tradepost-lab-'));
  try {
    const { amqpUrl, managementUrl } = environment();
    await mkdir(join(folder, '.tradepost'));
    await writeFile(join(folder, stateFile), JSON.stringify({ pid: 1, amqpUrl, managementUrl }));
    const env = { ...process.env, AMQP_URL: '', AMQP_MANAGEMENT_URL: '' };
    const { said, exitCode } = run(['topic', '--every', '100ms'], { cwd: folder, env });
    expect(await exitCode).toBe(0);
    expect(said.out).toContain('Broker: that of the running npm start');
    expect(said.out).toContain('archive kept 6');
  } finally {
    await rm(folder, { recursive: true });
  }
});
