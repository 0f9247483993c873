import { parseArgs } from 'node:util';
import { backlog } from './drills/backlog';
import type { Drill } from './drills/drill';
import { libraryNames, libraryOf } from './drills/library';
import { links } from './drills/links';
import { messages } from './drills/messages';
import { processes } from './drills/processes';
import { headLine, linesOf } from './drills/report';
import { runDrill, type DrillResult } from './drills/run';
import { servers } from './drills/servers';
import { runCommand, writeReport } from './harness/command';
import { withServers } from './harness/servers';

/** Quick ones first: what is broken is known soon. */
const drills: Drill[] = [...messages, ...processes, ...links, ...servers, backlog];

/** `npm run drill`: one fault at a time, each message accounted for. See docs/GUARANTEES.md. */
runCommand(async (signal) => {
  const { values } = parseArgs({
    options: {
      against: { type: 'string', default: 'ours' },
      module: { type: 'string' },
      json: { type: 'string' },
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
  });
  const name = libraryNames.find((one) => one === values.against);
  if (name === undefined) throw new Error(`--against is one of ${libraryNames.join(', ')}`);
  const chosen = drillsOf(values.only?.split(','), values.quick);
  const library = libraryOf(name, values.module);
  return withServers({ signal }, async (own) => {
    console.log(`${own.broker.how}; ${own.database.how}; ${library.name}`);
    console.log(headLine());
    const results: DrillResult[] = [];
    for (const drill of chosen) {
      signal.throwIfAborted();
      const result = await runDrill(drill, own, library);
      results.push(result);
      console.log(linesOf(result).join('\n'));
      // After each: a run that is stopped keeps what it found.
      await writeReport(values.json, own, { library: library.name, results });
    }
    const failed = results.filter(({ passed }) => !passed).length;
    const skipped = results.filter((result) => result.skipped !== undefined).length;
    console.log(
      `${results.length - failed - skipped} passed, ${failed} failed, ${skipped} skipped`,
    );
    return failed === 0;
  });
});

function drillsOf(only: string[] | undefined, quickOnly: boolean): Drill[] {
  const unknown = only?.find((name) => !drills.some((drill) => drill.name === name));
  if (unknown !== undefined) {
    const names = drills.map(({ name }) => `  ${name}`).join('\n');
    throw new Error(`no drill is called "${unknown}"; there are:\n${names}`);
  }
  return drills.filter(
    ({ name, quick }) => (only?.includes(name) ?? true) && (!quickOnly || quick === true),
  );
}
