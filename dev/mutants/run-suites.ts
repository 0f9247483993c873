import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SuiteRan } from './jest/suite-ran';
import type { Chosen } from './suites';

export interface SuitesOptions {
  /** The tree that they run in. */
  folder: string;
  /** Where the environment and the sequencer are built to. */
  built: string;
  /** Broker and database. */
  env: Record<string, string>;
  timeoutMs: number;
  signal: AbortSignal;
}

export interface Note {
  suite: string;
  ms: number;
  /** With MUTANT_TARGET: what has run of its sources. */
  ran?: SuiteRan;
  test?: string;
  error?: string;
}

export interface SuitesResult {
  outcome: 'passed' | 'failed' | 'timed out';
  /** Those that ran to their end, and how long they took. */
  passed: Note[];
  /** The first failure; none where a suite could not even be loaded. */
  failed?: Note;
  /** What jest printed. */
  output: string;
}

/** Runs suites one after the other, up to the first failure. */
export async function runSuites(chosen: Chosen[], options: SuitesOptions): Promise<SuitesResult> {
  const { folder, built, env, timeoutMs, signal } = options;
  const notes = join(folder, 'notes');
  rmSync(notes, { force: true });
  const suites = chosen.map(({ suite }) => suite);
  const tests = join(folder, 'tests.json');
  writeFileSync(
    tests,
    JSON.stringify(Object.fromEntries(chosen.map((one) => [one.suite, one.tests]))),
  );
  const child = spawn(
    process.execPath,
    [
      ...['node_modules/jest/bin/jest.js', '--runInBand', '--bail', '--ci', '--silent'],
      ...[`--testEnvironment=${join(built, 'first-failure.js')}`],
      ...[`--testSequencer=${join(built, 'given-order.js')}`],
      ...[
        `--cacheDirectory=${join(folder, 'cache')}`,
        '--forceExit',
        '--runTestsByPath',
        ...suites,
      ],
    ],
    {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...process.env,
        ...env,
        EVENTUALLY_MS: '6000',
        MUTANT_NOTES: notes,
        MUTANT_SUITES: suites.join(' '),
        MUTANT_TESTS: tests,
      },
    },
  );
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  let isLate = false;
  const late = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, timeoutMs);
  const stop = () => child.kill('SIGKILL');
  signal.addEventListener('abort', stop);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearTimeout(late);
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  const all = existsSync(notes) ? parse(readFileSync(notes, 'utf8')) : [];
  const failed = all.find(({ test }) => test !== undefined);
  // When a hook fails, its tests are skipped, and jest is content.
  const hasPassed = code === 0 && failed === undefined;
  const outcome = isLate ? 'timed out' : hasPassed ? 'passed' : 'failed';
  return { outcome, failed, passed: all.filter((note) => note !== failed), output };
}

function parse(lines: string): Note[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Note);
}
