import { environment, eventually } from '@tradepost/test-kit';
import { spawn } from 'node:child_process';

function run(...args: string[]) {
  const child = spawn(process.execPath, ['dist/dev/lab.js', ...args]);
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
  const { said, exitCode } = run('nonsense');
  expect(await exitCode).toBe(2);
  expect(said.error).toContain('There is no pattern "nonsense"');
  expect(said.error).toContain('npm run lab -- competing-workers | topic');
});

it('leaves nothing on the broker when it is broken off, and prints no colours into a pipe', async () => {
  const { child, said, exitCode } = run('fanout');
  await eventually(() => expect(said.out).toContain('order 1 →'), { withinMs: 20_000 });
  const [, own = ''] = /virtual host (\S+)/.exec(said.out) ?? [];
  expect(await virtualHosts()).toContain(own);
  child.kill('SIGINT');
  expect(await exitCode).toBe(130);
  expect(said.out).not.toContain('\u001b');
  expect(await virtualHosts()).not.toContain(own);
});
