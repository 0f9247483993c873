import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Ended<R> {
  code: number;
  output: string;
  /** What `--json` wrote; missing when the command refused to run. */
  report?: R;
}

const programs = {
  drill: 'dist/test/faults/drill.js',
  chaos: 'dist/test/faults/chaos.js',
  fuzz: 'dist/test/fuzz/fuzz.js',
};

/** `npm run drill -- <args>` and the like, as a process of its own. */
export async function run<R>(
  command: keyof typeof programs,
  args: string[],
  env: Record<string, string> = {},
): Promise<Ended<R>> {
  const folder = await mkdtemp(join(tmpdir(), `${command}-`));
  const json = join(folder, 'report.json');
  const options = { env: { ...process.env, ...env }, maxBuffer: 2 ** 26 };
  try {
    const [code, output] = await new Promise<[number, string]>((resolve) => {
      const argv = ['--enable-source-maps', programs[command], ...args, '--json', json];
      execFile(process.execPath, argv, options, (error, out, err) => {
        resolve([typeof error?.code === 'number' ? error.code : error ? -1 : 0, `${out}${err}`]);
      });
    });
    const text = await readFile(json, 'utf8').catch(() => undefined);
    return { code, output, report: text === undefined ? undefined : (JSON.parse(text) as R) };
  } finally {
    await rm(folder, { recursive: true });
  }
}
