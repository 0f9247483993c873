import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Drill } from './drill/drill';
import { drills } from './drill/drills/all';
import { play, type Outcome } from './drill/play';
import { headLine, linesOf } from './drill/report';
import { startServers, type Servers } from './drill/servers';
import { sideNames, sideOf, type Side } from './drill/side';

/**
 * `npm run drill`: breaks everything that can break beside the messages, on a broker and a
 * database of its own, and counts what became of each message. docs/GUARANTEES.md has the words.
 */

interface Options {
  against: Side['name'];
  module?: string;
  json?: string;
  chosen: Drill[];
}

async function main(): Promise<number> {
  const options = readOptions();
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => abort.abort(new Error(`stopped by ${signal}`)));
  }
  const side = sideOf(options.against, options.module);
  const servers = await startServers(abort.signal);
  try {
    console.log(`${servers.broker.how}; ${servers.database.how}; ${side.name}`);
    return conclude(await playAll(options, servers, side, abort.signal));
  } finally {
    await servers.stop();
  }
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      against: { type: 'string', default: 'ours' },
      module: { type: 'string' },
      json: { type: 'string' },
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
  });
  const against = sideNames.find((name) => name === values.against);
  if (against === undefined) throw new Error(`--against is one of ${sideNames.join(', ')}`);
  const only = values.only?.split(',');
  const unknown = only?.find((name) => !drills.some((drill) => drill.name === name));
  if (unknown !== undefined) {
    const names = drills.map(({ name }) => `  ${name}`).join('\n');
    throw new Error(`no drill is called "${unknown}"; there are:\n${names}`);
  }
  const chosen = drills.filter(
    ({ name, quick }) => (only?.includes(name) ?? true) && (!values.quick || quick === true),
  );
  return { against, module: values.module, json: values.json, chosen };
}

async function playAll(
  { chosen, json }: Options,
  servers: Servers,
  side: Side,
  signal: AbortSignal,
): Promise<Outcome[]> {
  console.log(headLine());
  const outcomes: Outcome[] = [];
  for (const drill of chosen) {
    signal.throwIfAborted();
    const outcome = await play(drill, servers, side);
    outcomes.push(outcome);
    console.log(linesOf(outcome).join('\n'));
    // After each: what is known stays known when somebody stops it.
    if (json !== undefined) await writeJson(json, servers, side, outcomes);
  }
  return outcomes;
}

async function writeJson(file: string, servers: Servers, side: Side, outcomes: Outcome[]) {
  const { broker, database } = servers;
  const report = {
    side: side.name,
    broker: { how: broker.how, version: broker.version },
    database: database.how,
    node: process.version,
    outcomes,
  };
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
}

function conclude(outcomes: Outcome[]): number {
  const failed = outcomes.filter(({ passed }) => !passed).length;
  const skipped = outcomes.filter((outcome) => outcome.skipped !== undefined).length;
  console.log(`${outcomes.length - failed - skipped} passed, ${failed} failed, ${skipped} skipped`);
  return failed === 0 ? 0 : 1;
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
