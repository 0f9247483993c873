import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { Mode } from '@tradepost/messaging';

const run = promisify(execFile);

interface Options {
  /** In dist, and what it is given first: `npm run topology` of the parties. */
  program: [file: string, ...args: string[]];
  /** Whose users these are. */
  parties: string[];
  /** Begins the names of the users. */
  prefix: string;
  mode: Mode;
  queueReplicas?: number;
  broker: { amqpUrl: string; managementUrl: string };
}

/** A user at the run's own broker for each party, with the least that it needs. */
export class LeastUsers {
  private readonly passwords: Record<string, string>;

  constructor(private readonly options: Options) {
    const parties = [...options.parties, 'operator'];
    const passwords = parties.map((party) => [party, randomBytes(24).toString('hex')] as const);
    this.passwords = Object.fromEntries(passwords);
  }

  /** As an operator does it: what the parties need of the topology, and the users. */
  async apply(): Promise<void> {
    const { program, prefix, mode, broker, queueReplicas } = this.options;
    const [file, ...args] = program;
    args.push('apply', '--users', '--prefix', prefix, '--mode', mode);
    const passwords = Object.entries(this.passwords).map(([party, password]) => {
      const name = party.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
      return [`AMQP_PASSWORD_${name}`, password] as const;
    });
    const env = {
      ...process.env,
      AMQP_URL: broker.amqpUrl,
      AMQP_MANAGEMENT_URL: broker.managementUrl,
      ...(queueReplicas && { AMQP_QUEUE_REPLICAS: `${queueReplicas}` }),
      ...Object.fromEntries(passwords),
    };
    type Failed = Error & { stdout?: string; stderr?: string };
    await run(process.execPath, [`dist/${file}`, ...args], { env }).catch((error: Failed) => {
      const { message, stdout = '', stderr = '' } = error;
      const why = `${stdout}${stderr}`.trim() || message;
      throw new Error(`the broker cannot be prepared: ${why}`, { cause: error });
    });
  }

  /** @param amqpUrl of the broker, or of a tap before it */
  urlOf(party: string, amqpUrl = this.options.broker.amqpUrl): string {
    const url = new URL(amqpUrl);
    url.username = `${this.options.prefix}${party}`;
    url.password = this.passwords[party] ?? '';
    return url.href;
  }
}
