import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Wiring } from '../handlers/handler';
import { unlistedIn } from '../handlers/unlisted';
import { printable } from '../printable';
import type { Advice } from '../topology/advice';
import { Apply } from '../topology/apply';
import { applyUsers, dropUsers } from '../topology/apply-users';
import { BrokerApi } from '../topology/broker-api';
import { planTopology } from '../topology/check-topology';
import { desiredTopology } from '../topology/desired-topology';
import type { Difference } from '../topology/differences';
import { advise, adviseContracts } from '../topology/lint';
import type { Topology } from '../topology/topology';
import type { Mode } from '../topology/ways';
import {
  brokerEndpoints,
  commonOptions,
  misuse,
  modeOf,
  print,
  queueReplicas,
  refuseSecrets,
  runProcess,
  wiringsOfServices,
  type CommandSettings,
} from './settings';
import { topologyDocument } from './topology-document';
import { brokerUsers, permissionLines, rightsOfParties, usualPrefix } from './topology-users';

const usage = ({ name, graphFile = defaultGraphFile }: CommandSettings) =>
  `Usage: ${name} COMMAND [options]
  plan    compare the broker with the desired topology; exit code 2 when there is something to do
  apply   give the broker the desired topology; exit code 2 when something needs a person;
          with --users, a user for each service, for monitors and for operators too
  graph   write ${graphFile}; with --check, exit code 1 when it is not up to date
  lint    check this broker for risks; exit code 2 when there is a warning
  permissions  print what the user of each service needs where apply has run, and no more
  drop-users   remove the users of --prefix PREFIX: their connections end
Options: --json, --prune (remove what nothing declares),
  --create-only (touch nothing that is there), --mode simple|strict (of the services),
  --prefix PREFIX (of the users' names: ${usualPrefix}),
  --passwords FILE (of users whose AMQP_PASSWORD_<NAME> is not set; missing ones are written there)
The broker is AMQP_URL and AMQP_MANAGEMENT_URL, or what is in the files AMQP_URL_FILE and so on;
AMQP_QUEUE_REPLICAS is that of the services
Example: ${name} plan --json`;

const defaultGraphFile = 'TOPOLOGY.md';

interface Context {
  flags: Record<'json' | 'prune' | 'check' | 'users' | 'create-only', boolean> & {
    prefix?: string;
    passwords?: string;
  };
  settings: CommandSettings;
  /** The handlers of each service. */
  wirings: Record<string, Wiring[]>;
  mode: Mode;
  desired: Topology;
}

/** `plan`, `apply`, `graph`, `lint`, `permissions`: of these services, as the whole process. */
export function runTopologyCommand(args: string[], settings: CommandSettings): void {
  runProcess(topologyCommand(args, settings));
}

/** @returns the exit code */
async function topologyCommand(args: string[], settings: CommandSettings): Promise<number> {
  const { positionals, values: flags } = read(args, settings);
  if (flags.help) {
    console.log(usage(settings));
    return 0;
  }
  const commands = { plan, apply, graph, lint, permissions, 'drop-users': dropAll };
  const [name = ''] = positionals;
  if (!Object.hasOwn(commands, name) || positionals.length > 1) {
    const names = Object.keys(commands).join(', ');
    throw new Error(misuse(`Say one command of ${names}`, settings));
  }
  const wirings = await wiringsOfServices(settings);
  const drawn = { mode: async () => Promise.resolve(settings.graphMode ?? 'simple') };
  const mode = await modeOf(flags.mode, name === 'graph' ? drawn : settings);
  // Drawn as a single broker has it, whatever is set here.
  const replicas = name === 'graph' ? undefined : await queueReplicas();
  const desired = desiredTopology(wirings, await settings.contracts(), mode, replicas);
  return commands[name as keyof typeof commands]({ flags, settings, mode, wirings, desired });
}

function read(args: string[], settings: CommandSettings) {
  try {
    refuseSecrets(args);
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        ...commonOptions,
        prune: { type: 'boolean', default: false },
        check: { type: 'boolean', default: false },
        'create-only': { type: 'boolean', default: false },
        users: { type: 'boolean', default: false },
        prefix: { type: 'string' },
        passwords: { type: 'string' },
      },
    });
  } catch (error) {
    throw new Error(misuse(error, settings), { cause: error });
  }
}

async function plan({ flags, settings, wirings, desired }: Context): Promise<number> {
  const endpoints = await brokerEndpoints(settings);
  const { differences, unchecked } = await planTopology(desired, endpoints);
  const advice = await adviseCode(settings, wirings);
  const lines = differenceLines(differences, unchecked.length === 0);
  const all = [...lines, ...unchecked, ...adviceLines(advice)];
  print(flags.json, { differences, unchecked, advice }, all);
  return differences.some((one) => isToDo(one, flags.prune)) ? 2 : 0;
}

async function apply({ flags, settings, mode, wirings, desired }: Context): Promise<number> {
  const { amqpUrl, api } = await managed(settings);
  // Whatever is wrong with them is said before anything is done.
  const users = flags.users ? await brokerUsers(settings, wirings, mode, flags) : [];
  const nodesMin = await queueReplicas();
  const stopping = new AbortController();
  const stop = () => stopping.abort(new Error('interrupted; run apply again to go on'));
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, stop);
  const did: string[] = [];
  const report = (line: string) => {
    did.push(line);
    if (!flags.json) console.log(printable(line));
  };
  const { signal } = stopping;
  const { prune, 'create-only': createOnly } = flags;
  const options = { amqpUrl, api, desired, report, signal, prune, createOnly, nodesMin };
  const left = await new Apply(options).run();
  await applyUsers({ api, users, report });
  print(flags.json, { did, left }, differenceLines(left));
  return left.some((one) => isToDo(one, prune)) ? 2 : 0;
}

async function graph({ flags, settings, wirings, mode, desired }: Context): Promise<number> {
  const { name, graphFile = defaultGraphFile } = settings;
  const text = topologyDocument(name, wirings, desired, mode);
  if (!flags.check) {
    await writeFile(graphFile, text);
    console.log(`Wrote ${graphFile}`);
    return 0;
  }
  const before = await readFile(graphFile, 'utf8').catch(() => '');
  if (before.replaceAll('\r\n', '\n') === text) return 0;
  console.error(`${graphFile} is not up to date: run \`${name} graph\``);
  return 1;
}

async function lint({ flags, settings, wirings, desired }: Context): Promise<number> {
  const { api } = await managed(settings);
  const contracts = await settings.contracts();
  const handlers = Object.values(wirings).flat();
  const advice = advise(await api.facts(), { topology: desired, wirings: handlers, contracts });
  print(flags.json, advice, adviceLines(advice));
  return advice.some(({ level }) => level === 'warning') ? 2 : 0;
}

async function permissions({ flags, settings, mode, wirings }: Context): Promise<number> {
  const rights = await rightsOfParties(settings, wirings, mode);
  print(flags.json, rights, permissionLines(rights, flags.prefix));
  return 0;
}

async function dropAll({ flags, settings, mode, wirings }: Context): Promise<number> {
  // By default they would be those that run.
  if (!flags.prefix) throw new Error(misuse('Say which users by --prefix PREFIX', settings));
  const { api } = await managed(settings);
  const { prefix } = flags;
  const parties = Object.keys(await rightsOfParties(settings, wirings, mode));
  const did: string[] = [];
  await dropUsers(
    api,
    parties.map((party) => prefix + party),
    (line) => did.push(line),
  );
  print(flags.json, { did }, did.length === 0 ? ['No such user.'] : did);
  return 0;
}

/** What no `apply` mends: the services' code does not fit together. */
async function adviseCode(
  { services, contracts }: CommandSettings,
  wirings: Context['wirings'],
): Promise<Advice[]> {
  const modules = Object.values(await services());
  const unlisted = unlistedIn(modules).map(({ handler, remedy }): Advice => {
    const text = `${handler}: no module provides it, so it never runs: ${remedy}`;
    return { level: 'warning', code: 'unlisted-handler', text };
  });
  const all = Object.values(wirings).flat();
  return [...unlisted, ...adviseContracts({ contracts: await contracts(), wirings: all })];
}

function adviceLines(advice: readonly Advice[]): string[] {
  return advice.map(({ level, code, text }) => `${level.padEnd(8)} ${code}: ${text}`);
}

// What nothing declares may belong to other software: it is shown, and only --prune removes it.
function isToDo({ kind, remedy }: Difference, prune: boolean): boolean {
  return kind !== 'later' && (remedy !== 'prune' || prune);
}

async function managed(settings: CommandSettings) {
  const { amqpUrl, managementUrl } = await brokerEndpoints(settings);
  if (managementUrl === undefined) {
    throw new Error('no management API: set AMQP_MANAGEMENT_URL=http://user:password@host:15672');
  }
  return { amqpUrl, api: new BrokerApi(managementUrl, amqpUrl) };
}

/** @param isAll everything could be checked */
function differenceLines(differences: Difference[], isAll = true): string[] {
  const later = differences.filter(({ kind }) => kind === 'later');
  const lines = differences
    .filter(({ kind }) => kind !== 'later')
    .flatMap(({ kind, what, name, reason, remedy }) => [
      `${kind.padEnd(10)} ${what} ${name}`,
      ...[reason, remedies[remedy]].map((line) => `           ${line}`),
    ]);
  const nothing = isAll
    ? 'The broker has the desired topology, and nothing else.'
    : 'No difference.';
  if (lines.length === 0) lines.push(nothing);
  const names = later.filter(({ what }) => what === 'queue').map(({ name }) => name);
  if (names.length > 0) lines.push(`Made at their first use, or by apply: ${names.join(', ')}`);
  return lines;
}

const remedies: Record<Difference['remedy'], string> = {
  create: 'apply creates it',
  replace: 'apply moves its messages aside, creates it anew and returns them',
  'return-messages': 'apply returns them',
  prune: 'apply --prune removes it, if it is empty and unused',
  'by-hand': 'needs a person: apply does not touch it',
};
