import type { Type } from '@nestjs/common';
import type { Contract } from '../contract';
import { wiringsOf } from '../handlers/wiring';
import type { Wiring } from '../handlers/handler';

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
  /** Every message class. */
  contracts: () => Promise<readonly Contract[]>;
  /** A broker for when neither flags nor environment name one. */
  broker?: () => Promise<Partial<BrokerEndpoints>>;
  /** Written by `topology graph`; `TOPOLOGY.md` when not given. */
  graphFile?: string;
}

/** What every command understands. */
export const commonOptions = {
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
  'amqp-url': { type: 'string' },
  'management-url': { type: 'string' },
} as const;

export function print(json: boolean, value: unknown, lines: string[]): void {
  console.log(json ? JSON.stringify(value, null, 2) : lines.join('\n'));
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

/** The flags decide, then AMQP_URL and AMQP_MANAGEMENT_URL, then `settings.broker`. */
export async function brokerEndpoints(
  flags: Partial<BrokerEndpoints>,
  { broker }: CommandSettings,
): Promise<BrokerEndpoints> {
  const { AMQP_URL, AMQP_MANAGEMENT_URL } = process.env;
  const running = await broker?.();
  // An empty variable counts as not set.
  const amqpUrl = flags.amqpUrl || AMQP_URL || running?.amqpUrl;
  if (!amqpUrl) throw new Error('no broker: give --amqp-url or set AMQP_URL');
  const ofRunning = amqpUrl === running?.amqpUrl ? running.managementUrl : undefined;
  return { amqpUrl, managementUrl: flags.managementUrl || AMQP_MANAGEMENT_URL || ofRunning };
}

/** The handlers of each service, read off its module; no service is started. */
export async function wiringsOfServices({
  services,
}: CommandSettings): Promise<Record<string, Wiring[]>> {
  const modules = Object.entries(await services());
  return Object.fromEntries(modules.map(([name, module]) => [name, wiringsOf(module, name)]));
}

/** Runs a command as the whole process: its exit code, and its errors as one line on stderr. */
export function runProcess(
  command: Promise<number>,
  exitCodeOf: (error: unknown) => number = () => 1,
): void {
  command.then(
    (code) => (process.exitCode = code),
    (error: unknown) => {
      const { message = String(error), code = '' } = error as NodeJS.ErrnoException;
      console.error(message || code);
      process.exitCode = exitCodeOf(error);
    },
  );
}
