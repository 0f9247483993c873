import { eventually } from '@tradepost/test-kit';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');

jest.setTimeout(120_000);

interface Listed {
  pid: number;
  parent: number;
}

function services(): Listed[] {
  const list = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  return [...list.matchAll(/^ *(\d+) +(\d+) .*held-service/gm)].map(([, pid, parent]) => {
    return { pid: Number(pid), parent: Number(parent) };
  });
}

it('npm run bench that is stopped while its shops start leaves none of them', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tradepost-bench-'));
  const args = ['--smoke', '--work', 'security', '--results', join(folder, 'results.json')];
  const program = ['--enable-source-maps', 'dist/bench/bench.js', ...args];
  const bench = spawn(process.execPath, program, { cwd: root, stdio: 'ignore' });
  try {
    const started = await eventually(
      () => {
        const own = services().filter(({ parent }) => parent === bench.pid);
        if (own.length < 2) throw new Error('none is there yet');
        return own.map(({ pid }) => pid);
      },
      { withinMs: 60_000, everyMs: 50 },
    );
    bench.kill('SIGTERM');
    expect(await once(bench, 'exit')).toEqual([1, null]);
    await eventually(() => {
      const left = services().filter(({ pid }) => started.includes(pid));
      expect(left).toEqual([]);
    });
  } finally {
    bench.kill('SIGKILL');
    await rm(folder, { recursive: true });
  }
});
