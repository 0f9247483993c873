import { writeFile } from 'node:fs/promises';
import { readOptions, type Options } from './chaos/options';
import { reportLines, scheduleLines } from './chaos/report';
import { runOn, type Run } from './chaos/run';
import { scheduleOf, type Fault } from './chaos/schedule';
import { System } from './chaos/system';
import { targetsOf } from './chaos/targets';
import { failuresOf } from './chaos/verdict';

/**
 * `npm run chaos`: drives orders through the whole system while everything in it is killed,
 * frozen, stopped and cut off, then lets it settle and audits it. docs/GUARANTEES.md has the words.
 */

const linesOnFailure = 40;

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  const { seed, faults, scale } = options;
  const targets = targetsOf(scale);
  const schedule = scheduleOf({ seed, faults, targets });
  if (options.plan) {
    console.log(scheduleLines(schedule, targets).join('\n'));
    return 0;
  }
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => abort.abort(new Error(`stopped by ${signal}`)));
  }
  const system = await System.start({ scale, signal: abort.signal });
  try {
    const { broker, database } = system;
    console.log(`${broker.how}; ${database.how}; seed ${seed}; ${options.orders} orders`);
    return await playOn(system, options, schedule, abort.signal);
  } finally {
    await system.stop();
  }
}

async function playOn(
  system: System,
  options: Options,
  schedule: Fault[],
  signal: AbortSignal,
): Promise<number> {
  const beganMs = performance.now();
  const say = (line: string) => {
    const at = ((performance.now() - beganMs) / 1_000).toFixed(1);
    console.log(`${at.padStart(6)}  ${line}`);
  };
  const run = await runOn(system, { options, schedule, say }, signal);
  const passed = failuresOf(run).length === 0;
  if (!passed) {
    for (const { name, lines } of run.crashes) console.log(`--- ${name}\n${lines.join('\n')}`);
    console.log(system.lastLines(linesOnFailure));
  }
  console.log(reportLines(run, options).join('\n'));
  if (options.json !== undefined) await writeJson(options.json, { options, run, system });
  return passed ? 0 : 1;
}

async function writeJson(
  file: string,
  { options, run, system }: { options: Options; run: Run; system: System },
): Promise<void> {
  const { broker, database } = system;
  const report = {
    ...{ options, broker: broker.how, database: database.how, node: process.version },
    failures: failuresOf(run),
    ...run,
  };
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
