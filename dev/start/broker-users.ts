import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { BrokerApi, type Mode } from '@tradepost/messaging';
import { services, window, type AppName } from '../../apps/services';
import type { Broker } from '../local/types';
import { say as toTerminal } from './lines';
import type { Where } from './prepare-broker';

const program = 'dist/dev/start/prepare-broker.js';

const applyMs = 60_000;

const parties = [...services, window, 'operator'] as const;
type Party = (typeof parties)[number];

/** `version` is there when its management API answers. */
export type BrokerAddress = Pick<Broker, 'url' | 'managementUrl' | 'version'>;

interface Difference {
  kind: string;
  what: string;
  name: string;
  reason: string;
}

/** A user at the broker for each app and for operators, made for one start. */
export class BrokerUsers {
  private readonly prefix: string;
  private readonly passwords = new Map(
    parties.map((one) => [one, randomBytes(24).toString('hex')]),
  );
  private broker?: BrokerAddress;
  /** False: all use the user that was given. */
  private made = false;
  private next: Preparing | undefined;

  /** @param isOwn the broker is its starter's; else its other users may be anybody's */
  constructor(
    private readonly isOwn: boolean,
    private readonly say = toTerminal,
  ) {
    this.prefix = isOwn ? 'tradepost-' : `tradepost-${randomBytes(4).toString('hex')}-`;
    // It loads while the broker starts.
    this.next = prepare(this.prefix);
  }

  /** The topology and the users. @throws when the broker has the topology otherwise */
  async make(broker: BrokerAddress): Promise<void> {
    this.broker = broker;
    const why = this.isOwn ? undefined : await whyNot(broker);
    if (why !== undefined) {
      this.killNow();
      const { username } = new URL(broker.url);
      return this.say(`RabbitMQ: all use its user "${username}", which may make no others: ${why}`);
    }
    await this.apply();
    this.made = true;
    this.say(`RabbitMQ: a user for each service, ${this.prefix}${services[0]} and so on`);
  }

  /** What the code declares by now. */
  async renew(): Promise<void> {
    if (this.made) await this.apply();
  }

  /** What is not prepared here, services prepare themselves. */
  get mode(): Mode {
    return wantedMode() ?? (this.made ? 'strict' : 'simple');
  }

  /** With the user of that app, or of operators. */
  urlsOf(party: AppName | 'operator'): { amqpUrl: string; managementUrl: string } {
    const { url = '', managementUrl = '' } = this.broker ?? {};
    const password = this.passwords.get(party as Party);
    if (!this.made || password === undefined) return { amqpUrl: url, managementUrl };
    const as = (given: string) => {
      const own = new URL(given);
      [own.username, own.password] = [`${this.prefix}${party}`, password];
      return own.href;
    };
    return { amqpUrl: as(url), managementUrl: as(managementUrl) };
  }

  /** From a broker that others use too. */
  async remove(): Promise<void> {
    this.killNow();
    if (!this.broker || !this.made || this.isOwn) return;
    const api = new BrokerApi(this.broker.managementUrl, this.broker.url);
    const removing = parties.map(async (party) => api.dropUser(this.prefix + party));
    for (const one of await Promise.allSettled(removing)) {
      if (one.status === 'rejected') this.say(`a user of the broker stays: ${String(one.reason)}`);
    }
  }

  killNow(): void {
    this.next?.child.kill('SIGKILL');
  }

  private async apply(): Promise<void> {
    const { url: amqpUrl, managementUrl } = this.broker ?? { url: '', managementUrl: '' };
    const { child, ended } = this.next ?? prepare(this.prefix);
    this.next = undefined;
    const passwords: Record<string, string> = {};
    for (const [party, password] of this.passwords) {
      passwords[`AMQP_PASSWORD_${party.toUpperCase().replaceAll('-', '_')}`] = password;
    }
    child.send({ amqpUrl, managementUrl, passwords } satisfies Where, () => undefined);
    const timer = setTimeout(() => child.kill('SIGKILL'), applyMs);
    const { output, problems } = await ended.finally(() => clearTimeout(timer));
    if (problems !== '') throw new Error(`the broker cannot be prepared: ${problems}`);
    const { left } = JSON.parse(output) as { left: Difference[] };
    const otherwise = left.filter(({ kind }) => kind === 'different');
    if (otherwise.length === 0) return;
    const lines = otherwise.map(({ what, name, reason }) => `  ${what} ${name}: ${reason}`);
    throw new Error(
      `the broker has it otherwise:\n${lines.join('\n')}\n\`npm start -- --fresh\` begins anew; ` +
        '`AMQP_URL=… npm run topology -- apply` keeps the messages',
    );
  }
}

interface Preparing {
  child: ChildProcess;
  ended: Promise<{ output: string; problems: string }>;
}

function prepare(prefix: string): Preparing {
  const child = spawn(process.execPath, [program, prefix], {
    // The broker is told later.
    env: {
      ...process.env,
      AMQP_URL: '',
      AMQP_MANAGEMENT_URL: '',
      AMQP_MODE: wantedMode() ?? 'strict',
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
  const code = new Promise<string>((done) => {
    child.once('error', (error) => done(error.message));
    child.once('close', (exitCode, signal) => done(signal ?? `exit code ${exitCode}`));
  });
  const { stdout, stderr } = child;
  const ended = (async () => {
    const [output, said, how] = await Promise.all([read(stdout), read(stderr), code]);
    const isDone = /^exit code [02]$/.test(how);
    return { output, problems: isDone ? '' : said.trim() || how };
  })();
  return { child, ended };
}

function wantedMode(): Mode | undefined {
  return (process.env.AMQP_MODE || undefined) as Mode | undefined;
}

async function read(stream: Readable | null): Promise<string> {
  return stream === null ? '' : text(stream);
}

async function whyNot({ version, url, managementUrl }: BrokerAddress): Promise<string | undefined> {
  if (version === undefined) return 'no management API answers';
  const isOne = await new BrokerApi(managementUrl, url).isAdministrator();
  return isOne ? undefined : 'it is no administrator';
}
