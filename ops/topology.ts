// `npm run topology -- plan|apply|graph|lint`. Part of the production image: imports nothing that
// only development installs.
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import {
  Apply,
  BrokerApi,
  lintTopology,
  planTopology,
  wantedBy,
  type Difference,
  type Topology,
  type Wiring,
} from '@tradepost/messaging';
import { brokerEndpoints } from './endpoints/broker';
import { topologyDocument } from './topology/mermaid';
import { printAdvice, printDifferences } from './topology/print';
import { everyContract, wiringsOfServices } from './topology/handlers';

const usage = `Usage: npm run topology -- COMMAND [options]
  plan    what is wanted against what the broker has; exit code 2 when there is something to do
  apply   make it so; exit code 2 when something is left to a person
  graph   write docs/TOPOLOGY.md; with --check, exit code 1 when it is not up to date
  lint    what to know of this broker; exit code 2 when there is a warning
Options: --json, --prune (remove what nobody wants), --amqp-url URL, --management-url URL`;

const graphFile = 'docs/TOPOLOGY.md';

interface Flags {
  json: boolean;
  prune: boolean;
  check: boolean;
  amqpUrl?: string;
  managementUrl?: string;
  /** The handlers of each service. */
  wirings: Record<string, Wiring[]>;
  wanted: Topology;
}

const contracts = everyContract();

/** @returns the exit code */
async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      prune: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      'amqp-url': { type: 'string' },
      'management-url': { type: 'string' },
    },
  });
  const { 'amqp-url': amqpUrl, 'management-url': managementUrl, ...rest } = values;
  const wirings = await wiringsOfServices();
  const wanted = wantedBy(Object.values(wirings).flat(), contracts);
  const flags = { ...rest, amqpUrl, managementUrl, wirings, wanted };
  const commands: Record<string, (flags: Flags) => Promise<number>> = { plan, apply, graph, lint };
  const command = commands[positionals[0] ?? ''];
  if (command === undefined || positionals.length > 1) throw new Error(usage);
  return command(flags);
}

async function plan(flags: Flags): Promise<number> {
  const { differences, blind } = await planTopology(flags.wanted, await brokerEndpoints(flags));
  if (flags.json) console.log(JSON.stringify({ differences, blind }, null, 2));
  else {
    printDifferences(differences, blind.length > 0);
    for (const line of blind) console.log(line);
  }
  return differences.some((one) => isToDo(one, flags.prune)) ? 2 : 0;
}

async function apply(flags: Flags): Promise<number> {
  const { amqpUrl, api } = await managed(flags);
  const stopping = new AbortController();
  const stop = () => stopping.abort(new Error('interrupted; run apply again to go on'));
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, stop);
  const did: string[] = [];
  const say = (line: string) => {
    did.push(line);
    if (!flags.json) console.log(line);
  };
  const { signal } = stopping;
  const { prune, wanted } = flags;
  const left = await new Apply({ amqpUrl, api, wanted, say, signal, prune }).run();
  if (flags.json) console.log(JSON.stringify({ did, left }, null, 2));
  else printDifferences(left);
  return left.some((one) => isToDo(one, prune)) ? 2 : 0;
}

async function graph({ check, wirings, wanted }: Flags): Promise<number> {
  const text = topologyDocument(wirings, wanted);
  if (!check) {
    await writeFile(graphFile, text);
    console.log(`Wrote ${graphFile}`);
    return 0;
  }
  if ((await readFile(graphFile, 'utf8').catch(() => '')) === text) return 0;
  console.error(`${graphFile} is not what the handlers say: run \`npm run topology -- graph\``);
  return 1;
}

async function lint(flags: Flags): Promise<number> {
  const { api } = await managed(flags);
  const wirings = Object.values(flags.wirings).flat();
  const advice = await lintTopology({ api, wanted: flags.wanted, wirings, contracts });
  if (flags.json) console.log(JSON.stringify(advice, null, 2));
  else printAdvice(advice);
  return advice.some(({ level }) => level === 'warning') ? 2 : 0;
}

// What nobody wants may be somebody else's: it is shown, and is to do only for who says so.
function isToDo({ kind, mend }: Difference, prune: boolean): boolean {
  return kind !== 'later' && (mend !== 'prune' || prune);
}

async function managed(flags: Flags): Promise<{ amqpUrl: string; api: BrokerApi }> {
  const { amqpUrl, managementUrl } = await brokerEndpoints(flags);
  if (managementUrl === undefined) {
    throw new Error('no management API: set AMQP_MANAGEMENT_URL=http://user:password@host:15672');
  }
  return { amqpUrl, api: new BrokerApi(managementUrl, amqpUrl) };
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
