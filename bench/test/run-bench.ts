import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Results } from '../harness/results';
import { figureAt, type WorkResult } from '../harness/summarise';
import type { Figures } from '../harness/work';
import { works } from '../works';

const root = resolve(__dirname, '../..');
const timeoutMs = 240_000;
const tail = 3_000;

/** What `npm run bench` writes of these works, done so small that their times say nothing. */
export async function runBench(names: readonly string[]): Promise<Results> {
  const folder = await mkdtemp(join(tmpdir(), 'tradepost-bench-'));
  const file = join(folder, 'results.json');
  const args = ['--smoke', '--work', names.join(), '--results', file];
  try {
    const program = ['--enable-source-maps', 'dist/bench/bench.js', ...args];
    const running = promisify(execFile)(process.execPath, program, {
      cwd: root,
      timeout: timeoutMs,
    });
    await running.catch(({ message, stdout }: Error & { stdout: string }) => {
      throw new Error(`${message}\n${stdout.slice(-tail)}`);
    });
    return JSON.parse(await readFile(file, 'utf8')) as Results;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Subjects without a figure, and figures that are no numbers, which JSON writes as null. */
export function problemsOf(name: string, result: WorkResult | undefined): string[] {
  const work = works.find((one) => one.name === name);
  if (!work || !result) return [`${name}: no result`];
  const isMeasured = (subject: string) =>
    Object.keys(work.columns).some(
      (path) => figureAt(result[subject] as Figures, path) !== undefined,
    );
  const empty = Object.keys(result.spread).filter((subject) => !isMeasured(subject));
  const nulls = [...JSON.stringify(result).matchAll(/"([\w-]+)":null/g)].map(
    ([, figure]) => figure,
  );
  return [
    ...empty.map((subject) => `${subject}: no figures`),
    ...nulls.map((figure) => `${figure}: null`),
  ];
}
