import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(__dirname, '../..');

jest.setTimeout(180_000);

// The broker says every five seconds how deep its queues are. It ends when each has one again.
it('npm run scale has more replicas when more waits, and fewer later; nothing is lost', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tradepost-scale-'));
  const figure = join(folder, 'figure.svg');
  const load = ['--peak', '30', '--for', '10s', '--calm', '2s', '--target', '10', '--depth', '500'];
  const args = ['--enable-source-maps', 'dist/bench/scale.js', '--to', '3', ...load];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [...args, '--figure', figure], {
      cwd: root,
      timeout: 170_000,
    });
    expect(stdout).toMatch(/^\d+ sales: lost 0, doubled 0; \d+ messages .* up to [23] replicas$/m);
    expect(await readFile(figure, 'utf8')).toContain('>payments</text>');
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('npm run scale ends with an error when its load is not done with in time', async () => {
  const load = ['--peak', '5', '--for', '1s', '--settle', '1s'];
  const args = ['--enable-source-maps', 'dist/bench/scale.js', ...load];
  const run = promisify(execFile)(process.execPath, args, { cwd: root, timeout: 170_000 });
  // A charge takes two seconds and a half.
  await expect(run).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^not over after 2 s: orders are unfinished/m) as string,
  });
});
