import { mkdir, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { stopOnSignals } from '../dev/start/signals';
import { readArguments, Usage, wholeNumber } from '../ops/shop/arguments';
import { runCommand } from '../ops/shop/run-command';
import { describe, writeResults } from './harness/results';
import { runWorks } from './harness/run-works';
import { withServers } from './harness/servers';
import { countStatements } from './harness/statements';
import { tableOf, writeTables } from './harness/tables';
import type { Scale, Work } from './harness/work';
import { works } from './works';

const scratch = '.tradepost/bench';
const document = 'docs/PERFORMANCE.md';

const usage = `Usage: npm run bench [-- options]
What ${document} claims, measured on this machine.
  --work NAMES    ${works.map(({ name }) => name).join(',')}; all unless given
  --quick         smaller counts
  --smoke         tiny ones: they show that every work works
  --runs N        of each work
  --cluster       on three nodes of RabbitMQ, each of which keeps each queue
  --results FILE  bench/results.json unless given
  --write         into ${document} too
Example: npm run bench -- --quick --work sale,rpc`;

const flags = {
  quick: { type: 'boolean', default: false },
  /** What `npm test` runs: tiny counts, that show that every work works. */
  smoke: { type: 'boolean', default: false },
  work: { type: 'string', default: works.map(({ name }) => name).join() },
  runs: { type: 'string' },
  cluster: { type: 'boolean', default: false },
  results: { type: 'string', default: 'bench/results.json' },
  write: { type: 'boolean', default: false },
} as const;

async function main(): Promise<void> {
  const { values } = readArguments({ options: flags });
  const chosen = worksNamed(values.work);
  const runs = values.runs === undefined ? undefined : wholeNumber('runs', values.runs, { min: 1 });
  const scale: Scale = values.smoke ? 'smoke' : values.quick ? 'quick' : 'full';
  const abort = new AbortController();
  stopOnSignals((why) => abort.abort(new Error(`stopped: ${why}`)));
  const { signal } = abort;
  const folder = resolve(scratch, String(process.pid));
  // Of services, and of what prepares the broker for them.
  if (values.cluster) process.env.AMQP_QUEUE_REPLICAS = '3';
  const log = console.log;
  await mkdir(folder, { recursive: true });
  try {
    const own = { dataFolder: resolve(folder, 'data'), isCluster: values.cluster, signal, log };
    await withServers(own, async (servers) => {
      await countStatements(servers);
      const about = await describe(servers);
      const setting = { servers, scale, folder, log, runs, signal };
      const measured = await runWorks(chosen, setting);
      const results = await writeResults(values.results, { ...about, works: measured });
      for (const work of chosen) {
        const result = results.works[work.name];
        if (result) log(`\n${work.name}: ${result.title}\n${tableOf(work, result)}`);
      }
      if (values.write) await writeTables(document, works, results);
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function worksNamed(list: string): Work[] {
  return list.split(',').map((name) => {
    const found = works.find((work) => work.name === name);
    if (found) return found;
    throw new Usage(`no work "${name}"; there are ${works.map((work) => work.name).join(', ')}`);
  });
}

runCommand(usage, main);
