import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { readArguments } from '../ops/shop/arguments';
import { runCommand } from '../ops/shop/run-command';

const usage = `Usage: npm run check
Every check that does not run the system: lint, types, format, dependencies, unused code, and what
is drawn or written from code. Takes no options.
Example: npm run check`;

interface Result {
  ok: boolean;
  output: string;
}

type Part = [name: string, run: () => Promise<Result>];

const yards = ['apps', 'libs', 'ops', 'dev', 'bench', 'test', 'examples'];
const folders = yards.filter((folder) => existsSync(folder));

/** The slowest first, so that the others fit beside them. */
const parts: Part[] = [
  ['lint', () => command('eslint/bin/eslint.js', ['.'])],
  ['types', () => command('typescript/bin/tsc', ['--noEmit', '--pretty'])],
  ['types of the page', () => command('typescript/bin/tsc', ['-p', 'apps/console/page'])],
  ['format', () => command('prettier/bin/prettier.cjs', ['--check', '.'])],
  [
    'dependencies',
    () => command('dependency-cruiser/bin/dependency-cruise.mjs', ['-T', 'err-long', ...folders]),
  ],
  ['unused code', () => command('knip/bin/knip.js', ['--no-progress'])],
  ['topology', () => node(['dist/ops/topology.js', 'graph', '--check'])],
  ['public API', () => node(['dist/dev/api-report.js', '--check'])],
  ['contracts', () => node(['dist/dev/contracts.js', 'check'])],
  ['order states', () => node(['dist/dev/order-states.js', '--check'])],
];

async function main(): Promise<number> {
  readArguments({});
  const failed: string[] = [];
  const waiting = [...parts];
  const worker = async (): Promise<void> => {
    for (let part = waiting.shift(); part; part = waiting.shift()) {
      if (!(await report(part))) failed.push(part[0]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, worker));
  console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${failed.join(', ')}.`);
  return failed.length === 0 ? 0 : 1;
}

async function report([name, run]: Part): Promise<boolean> {
  const startedMs = Date.now();
  const { ok, output } = await run();
  const seconds = ((Date.now() - startedMs) / 1_000).toFixed(1);
  console.log(`${ok ? '✔' : '✘'} ${name} (${seconds} s)`);
  if (!ok) console.log(`${output.trim()}\n`);
  return ok;
}

/** Runs the program of an installed package; its exit code decides. */
function command(program: string, args: string[]): Promise<Result> {
  return node([join('node_modules', program), ...args]);
}

function node(argv: string[]): Promise<Result> {
  return new Promise((resolve) => {
    const options = { maxBuffer: 32 * 1024 * 1024, timeout: 5 * 60_000 };
    execFile(process.execPath, argv, options, (error, stdout, stderr) => {
      const output = stdout + stderr;
      resolve({ ok: error === null, output: output || (error?.message ?? '') });
    });
  });
}

runCommand(usage, main);
