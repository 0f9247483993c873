import { readArguments, Usage } from '../../ops/shop/arguments';
import { backlog } from './drills/backlog';
import { clusterDrills } from './drills/cluster';
import type { Drill } from './drills/drill';
import { libraryNames, libraryOf, modes, type Library } from './drills/library';
import { failOvers } from './drills/fail-over';
import { links } from './drills/links';
import { messages } from './drills/messages';
import { order } from './drills/order';
import { processes } from './drills/processes';
import { cellOf, headLine, linesOf, rowOf } from './drills/report';
import { runDrill, type DrillResult } from './drills/run';
import { pairOf, type Pair } from './drills/samples';
import { servers } from './drills/servers';
import { runFaults, writeReport } from './harness/command';
import { withServers, type Servers } from './harness/servers';

/** Quick ones first: what is broken is known soon. */
const drills: Drill[] = [
  ...messages,
  ...processes,
  ...order,
  ...links,
  ...servers,
  ...failOvers,
  backlog,
];

const usage = `Usage: npm run drill [-- options]
One fault at a time, each message accounted for: docs/GUARANTEES.md.
  --quick          those that take seconds
  --only NAMES     ${drills.map(({ name }) => name).join(',\n                   ')}
  --cluster        on a cluster of three nodes instead, what happens to nodes:
                   ${clusterDrills.map(({ name }) => name).join(',\n                   ')}
  --against NAME   ${libraryNames.join(', ')}; ours unless given
  --mode NAME      of ours: strict, with a user of the least permissions for each process, unless
                   given; simple, by a user that may do all
  --module FILE    handlers of your own, or a folder with a sample of two sides
  --json FILE      what was found
Example: npm run drill -- --quick --only ${drills[0]?.name}`;

runFaults(usage, async (signal) => {
  const { values } = readArguments({
    options: {
      cluster: { type: 'boolean', default: false },
      against: { type: 'string', default: 'ours' },
      mode: { type: 'string', default: modes[0] },
      module: { type: 'string' },
      json: { type: 'string' },
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
  });
  const name = libraryNames.find((one) => one === values.against);
  if (name === undefined) throw new Usage(`--against is one of ${libraryNames.join(', ')}`);
  const mode = modes.find((one) => one === values.mode);
  if (mode === undefined) throw new Usage(`--mode is ${modes.join(' or ')}`);
  const { cluster: isCluster } = values;
  if (isCluster && name !== 'ours') throw new Usage('--cluster drills ours alone');
  const all = isCluster ? clusterDrills : drills;
  const chosen = drillsOf(all, values.only?.split(','), values.quick);
  const pair = pairOf(values.module ?? '');
  const run = pair === undefined ? drillOne(libraryOf(name, mode, values.module)) : drillBoth(pair);
  return withServers({ signal, isCluster }, (own) =>
    run({ own, chosen, signal, json: values.json }),
  );
});

interface Run {
  own: Servers;
  chosen: Drill[];
  signal: AbortSignal;
  json?: string;
}

function drillOne(library: Library) {
  return async ({ own, chosen, signal, json }: Run): Promise<boolean> => {
    console.log(`${own.broker.how}; ${own.database.how}; ${library.name}, ${library.mode} mode`);
    console.log(headLine());
    const results: DrillResult[] = [];
    for (const drill of chosen) {
      signal.throwIfAborted();
      const result = await runDrill(drill, own, library);
      results.push(result);
      console.log(linesOf(result).join('\n'));
      // After each: a run that is stopped keeps what it found.
      await writeReport(json, own, { library: library.name, mode: library.mode, results });
    }
    return passedAll(results, library);
  };
}

/** Each drill twice: the same handlers on their own library, and on the runtime: that must pass. */
function drillBoth({ before, after }: Pair) {
  return async ({ own, chosen, signal, json }: Run): Promise<boolean> => {
    console.log(`${own.broker.how}; ${own.database.how}\n`);
    console.log(rowOf(['drill', before.name, after.name]));
    console.log('|---|---|---|');
    const results: Record<'before' | 'after', DrillResult[]> = { before: [], after: [] };
    for (const drill of chosen) {
      signal.throwIfAborted();
      const first = await runDrill(drill, own, before);
      signal.throwIfAborted();
      const then = await runDrill(drill, own, after);
      results.before.push(first);
      results.after.push(then);
      console.log(rowOf([`\`${drill.name}\``, cellOf(first), cellOf(then)]));
      await writeReport(json, own, { results });
    }
    console.log();
    passedAll(results.before, before);
    return passedAll(results.after, after);
  };
}

function passedAll(results: DrillResult[], { name }: Library): boolean {
  const failed = results.filter(({ passed }) => !passed).length;
  const skipped = results.filter((result) => result.skipped !== undefined).length;
  const passed = results.length - failed - skipped;
  console.log(`${name}: ${passed} passed, ${failed} failed, ${skipped} skipped`);
  return failed === 0;
}

function drillsOf(all: Drill[], only: string[] | undefined, quickOnly: boolean): Drill[] {
  const unknown = only?.find((name) => !all.some((drill) => drill.name === name));
  if (unknown !== undefined) {
    const names = all.map(({ name }) => `  ${name}`).join('\n');
    throw new Usage(`no drill is called "${unknown}"; there are:\n${names}`);
  }
  return all.filter(
    ({ name, quick }) => (only?.includes(name) ?? true) && (!quickOnly || quick === true),
  );
}
