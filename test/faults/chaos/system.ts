import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  provideBroker,
  provideDatabase,
  Replicas,
  TcpTap,
  type Broker,
  type Database,
  type Exit,
  type ServiceProcess,
} from '@tradepost/test-kit';
import type { Endpoints } from '../../../ops/audit/endpoints';
import { services } from '../../../apps/services';

/** A process that ended although nobody ended it. */
export interface Crash {
  name: string;
  exit: Exit;
  atMs: number;
  lines: string[];
}

export interface SystemOptions {
  /** Processes of each service. */
  scale: Record<string, number>;
  signal: AbortSignal;
}

const readyWithinMs = 180_000;
const restartAfterMs = 500;
const crashLines = 30;

/** What all services are told, so that what stays open is looked at within the run. */
const patience = {
  ORDER_DEADLINE_MS: '10000',
  PAYMENT_CHECK_AFTER_MS: '5000',
  PAYMENT_DEADLINE_MS: '10000',
  SWEEP_EVERY_MS: '2000',
  GATEWAY_TIMEOUT_MS: '1000',
  // Half of all messages would be log lines; the console has them all.
  LOG_TOPIC_PER_SECOND_MAX: '20',
};

/** How the gateway behaves: as a provider does on a bad day. */
const moods = {
  PENDING_RATE: '0.3',
  CALLBACK_LOST_RATE: '0.15',
  CALLBACK_DUPLICATE_RATE: '0.2',
  CALLBACK_DELAY_MAX_MS: '1000',
  ERROR_RATE: '0.05',
  SLOW_RATE: '0.05',
  SLOW_MS: '1500',
};

/** The whole system as processes, on servers of its own, each process with wires of its own. */
export class System {
  readonly crashes: Crash[] = [];
  private readonly services = new Map<string, Replicas>();
  private readonly opsToken = randomBytes(16).toString('hex');
  private closing = false;

  private constructor(
    readonly broker: Broker,
    readonly database: Database,
    private readonly signal: AbortSignal,
  ) {}

  /** Resolves when everything is ready. */
  static async start({ scale, signal }: SystemOptions): Promise<System> {
    const options = { own: true, durable: true, signal };
    const [broker, database] = await Promise.allSettled([
      provideBroker(options),
      provideDatabase(options),
    ]);
    if (broker.status === 'rejected' || database.status === 'rejected') {
      for (const one of [broker, database]) if (one.status === 'fulfilled') await one.value.stop();
      throw broker.status === 'rejected'
        ? broker.reason
        : (database as PromiseRejectedResult).reason;
    }
    const system = new System(broker.value, database.value, signal);
    try {
      await system.open(scale);
    } catch (error) {
      const lines = system.lastLines(15);
      await system.stop();
      throw new Error(`the system did not start: ${String(error)}\n${lines}`, { cause: error });
    }
    return system;
  }

  /** Every process, the witness too. */
  get replicas(): ServiceProcess[] {
    return [...this.services.values()].flatMap(({ all }) => all);
  }

  of(name: string): Replicas {
    const service = this.services.get(name);
    if (!service) throw new Error(`there is no ${name}`);
    return service;
  }

  url(name: string): string {
    return this.of(name).url;
  }

  /** Where the audit finds everything. */
  get endpoints(): Endpoints {
    const urls = services.map((name) => [name, this.of(name).all.map(({ url }) => url)]);
    return {
      services: Object.fromEntries(urls) as Endpoints['services'],
      gateway: this.url('gateway'),
      opsToken: this.opsToken,
    };
  }

  lastLines(count: number): string {
    return [...this.services.values()].map((service) => service.lastLines(count)).join('\n');
  }

  async stop(): Promise<void> {
    this.closing = true;
    await Promise.allSettled([...this.services.values()].map((service) => service.close()));
    for (const server of [this.database, this.broker]) {
      // One that is frozen hears nobody.
      await server.thaw().catch(() => undefined);
      await server.stop().catch(() => undefined);
    }
  }

  private async open(scale: Record<string, number>): Promise<void> {
    const postgresUrl = this.database.url;
    const env = { ...patience, OPS_TOKEN: this.opsToken };
    const common = { amqpUrl: this.broker.url, postgresUrl, tapped: true, env };
    const [witness, gateway, ...shop] = await Promise.all([
      Replicas.create({
        ...{ ...common, app: 'witness', count: 1, main: 'test/faults/chaos/witness/main.js' },
        migrations: ['test/faults/chaos/witness/migrations'],
      }),
      Replicas.create({ app: 'sandbox-gateway', count: 1, postgresUrl, tapped: true, env: moods }),
      ...services.map((app) => Replicas.create({ ...common, app, count: scale[app] ?? 1 })),
    ]);
    for (const service of shop) this.services.set(service.app, service);
    this.services.set('witness', witness).set('gateway', gateway);
    await this.acquaint(gateway);
    this.signal.throwIfAborted();
    for (const replica of this.replicas) replica.onCrash = (exit) => this.crashed(replica, exit);
    await Promise.all([...this.services.values()].map((all) => all.start({ readyWithinMs })));
  }

  /** Payments and the gateway know each other's address, and a secret. */
  private async acquaint(gateway: Replicas): Promise<void> {
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    for (const { env, links } of this.of('payments').all) {
      links.gateway = await TcpTap.open(gateway.url);
      env.GATEWAY_URL = links.gateway.url;
      env.GATEWAY_CALLBACK_SECRET = secret;
    }
    for (const { env } of gateway.all) {
      env.CALLBACK_URL = `${this.url('payments')}/v1/gateway-callbacks`;
      env.CALLBACK_SECRET = secret;
    }
  }

  /** Starts it again, as any supervisor does. */
  private crashed(replica: ServiceProcess, exit: Exit): void {
    if (this.closing) return;
    const { name, lines } = replica;
    this.crashes.push({ name, exit, atMs: Date.now(), lines: lines.slice(-crashLines) });
    void delay(restartAfterMs).then(() => this.startAgain(replica));
  }

  /** A new process in this place. */
  startAgain(replica: ServiceProcess): void {
    if (!this.closing) replica.start();
  }
}
