import type { Type } from '@nestjs/common';
import { BadBrokerUrl } from '../connection/bad-broker-url';
import { nodesOf } from '../connection/nodes';
import type { Contract } from '../contract';
import { asError } from '../errors';
import { clearly } from '../permission-missing';
import { configuredWirings } from '../golevelup/configured-wirings';
import { wiringsOf } from '../handlers/wiring';
import { strategyWiring } from '../nest/strategy-wiring';
import type { StrategyOptions } from '../nest/strategy-options';
import type { Wiring } from '../handlers/handler';
import { printable, printableLines } from '../printable';
import type { Mode } from '../topology/ways';
import { variable } from './variable';

export interface BrokerEndpoints {
  amqpUrl: string;
  managementUrl?: string;
}

/** What the commands need to know of the services they serve. */
export interface CommandSettings {
  /** How it is called, for usage and hints: `messaging-topology`. */
  name: string;
  /** The root module of each service, by the service's name. Called when a command needs it. */
  services: () => Promise<Record<string, Type>>;
  /** Of those on `RabbitStrategy`: its options, by the service's name. */
  strategies?: () => Promise<Record<string, object>>;
  /** Every message class. */
  contracts: () => Promise<readonly Contract[]>;
  /** What each service, and each monitor, sends, tells and asks, for `topology permissions`. */
  sends?: () => Promise<Record<string, readonly Contract[]>>;
  /** Programs that look at all queues and change nothing: each has a user too. */
  monitors?: readonly string[];
  /** Of the services, when `--mode` does not say; `simple` when not given. */
  mode?: () => Promise<string>;
  /** A broker for when the environment names none. */
  broker?: () => Promise<Partial<BrokerEndpoints>>;
  /** Written by `topology graph`; `TOPOLOGY.md` when not given. */
  graphFile?: string;
  /** Which it shows, when `--mode` does not say; `simple` when not given. */
  graphMode?: Mode;
}

/** What every command understands. */
export const commonOptions = {
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
  mode: { type: 'string' },
} as const;

const inEnvironment: Partial<Record<string, string>> = {
  '--amqp-url': 'AMQP_URL',
  '--management-url': 'AMQP_MANAGEMENT_URL',
};

/** What may hold a password is no argument. @throws saying so, without the password */
export function refuseSecrets(args: readonly string[]): void {
  for (const [name = ''] of args.map((arg) => arg.split('='))) {
    const wanted = inEnvironment[name];
    if (wanted === undefined) continue;
    throw new Error(`${name} would be seen by every user: set ${wanted} or ${wanted}_FILE`);
  }
}

/** @throws when it is neither */
export async function modeOf(
  flag: string | undefined,
  { mode }: Pick<CommandSettings, 'mode'>,
): Promise<Mode> {
  const given = flag ?? (await mode?.()) ?? 'simple';
  if (given === 'simple' || given === 'strict') return given;
  throw new Error(`the mode is simple or strict, not ${JSON.stringify(given)}`);
}

/** AMQP_QUEUE_REPLICAS, which is that of the services. @throws when it is no number of nodes */
export async function queueReplicas(): Promise<number | undefined> {
  const given = await variable('AMQP_QUEUE_REPLICAS');
  if (!given) return undefined;
  const replicas = Number(given);
  if (Number.isInteger(replicas) && replicas > 0) return replicas;
  throw new Error(`AMQP_QUEUE_REPLICAS is a number of nodes, not ${JSON.stringify(given)}`);
}

/** @param lines may hold texts from anywhere: none becomes more than one line */
export function print(json: boolean, value: unknown, lines: string[]): void {
  const text = () => lines.map(printable).join('\n');
  console.log(json ? printableLines(JSON.stringify(value, null, 2)) : text());
}

/** In one sentence: what parseArgs adds to it is advice on `--`. */
export function misuse(error: unknown, { name }: Pick<CommandSettings, 'name'>): string {
  const [sentence] = asError(error).message.split(/\.\s/);
  return `${sentence?.replace(/\.$/, '')}.\n\`${name} --help\` says what it takes.`;
}

/** Ends the command: a line on stderr, and this exit code. */
export class CommandError extends Error {
  constructor(
    readonly exitCode: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * AMQP_URL and AMQP_MANAGEMENT_URL decide, or their files, then `settings.broker`.
 * @throws when one is no URL
 */
export async function brokerEndpoints({
  broker,
}: Pick<CommandSettings, 'broker'>): Promise<BrokerEndpoints> {
  const running = await broker?.();
  // An empty variable counts as not set.
  const amqpUrl = (await variable('AMQP_URL')) || running?.amqpUrl;
  if (!amqpUrl) throw new Error('no broker: set AMQP_URL or AMQP_URL_FILE');
  const ofRunning = amqpUrl === running?.amqpUrl ? running.managementUrl : undefined;
  const managementUrl = (await variable('AMQP_MANAGEMENT_URL')) || ofRunning;
  const isAmqp = urlsIn(amqpUrl).every((url) => isOf(url, /^amqps?:$/));
  if (!isAmqp) throw noUrl('AMQP_URL', 'amqp://user:password@host:5672');
  if (managementUrl !== undefined) {
    const [url, another] = urlsIn(managementUrl);
    const isOne = another === undefined && isOf(url, /^https?:$/);
    if (!isOne) throw noUrl('AMQP_MANAGEMENT_URL', 'http://user:password@host:15672');
  }
  return { amqpUrl, managementUrl };
}

/** Of each node; one that is undefined for what is none. */
function urlsIn(text: string): readonly (URL | undefined)[] {
  try {
    return nodesOf(text);
  } catch (error) {
    if (error instanceof BadBrokerUrl) return [undefined];
    throw error;
  }
}

function isOf(url: URL | undefined, protocols: RegExp): boolean {
  return url !== undefined && url.hostname !== '' && protocols.test(url.protocol);
}

// What is given is not repeated: a password may be anywhere in it.
function noUrl(name: string, example: string): Error {
  return new Error(`${name} must be a URL: ${example}`);
}

/** The handlers of each service, read off its module; no service is started. */
export async function wiringsOfServices({
  services,
  strategies,
}: Pick<CommandSettings, 'services' | 'strategies'>): Promise<Record<string, Wiring[]>> {
  const modules = await services();
  const options = Object.entries((await strategies?.()) ?? {}) as [string, StrategyOptions][];
  const unknown = options.find(([name]) => !Object.hasOwn(modules, name));
  if (unknown !== undefined) throw new Error(`strategies.${unknown[0]}: services has no module`);
  const wirings = Object.entries(modules).map(([name, module]): [string, Wiring[]] => [
    name,
    [
      ...(configuredWirings(module) ?? wiringsOf(module, name)),
      ...options.filter(([of]) => of === name).map(([, one]) => strategyWiring(one, module)),
    ],
  ]);
  return Object.fromEntries(wirings);
}

/** Runs a command as the whole process: its exit code, and its errors as one line on stderr. */
export function runProcess(
  command: Promise<number>,
  exitCodeOf: (error: unknown) => number = () => 1,
): void {
  command.then(
    (code) => (process.exitCode = code),
    (thrown: unknown) => {
      const error = clearly(thrown);
      const { message = String(error), code = '' } = error as NodeJS.ErrnoException;
      console.error(printableLines(message || code));
      process.exitCode = exitCodeOf(error);
    },
  );
}
