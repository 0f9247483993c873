import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { fixedToken } from '@tradepost/service';
import { Replicas, Services, TcpTap } from '@tradepost/test-kit';
import type { Cluster, Exit, ServiceProcess } from '@tradepost/test-kit';
import { services, type AppName } from '../../../apps/services';
import { BrokerUsers } from '../../../dev/start/broker-users';
import type { Endpoints } from '../../../ops/audit/endpoints';
import { LeastUsers } from '../harness/least-users';
import type { Servers } from '../harness/servers';
import type { ScheduledFault } from './schedule';

const readyWithinMs = 180_000;
const restartAfterMs = 500;
const crashLines = 30;

/** Of every service, so that what stays open is checked within the run. */
const timeouts = {
  ORDER_DEADLINE_MS: '10000',
  PAYMENT_CHECK_AFTER_MS: '5000',
  PAYMENT_DEADLINE_MS: '10000',
  SWEEP_EVERY_MS: '2000',
  GATEWAY_TIMEOUT_MS: '1000',
  // Half of all messages would be log lines; the console has them all.
  LOG_TOPIC_PER_SECOND_MAX: '20',
};

/** A provider on a bad day. */
const gatewayFaults = {
  PENDING_RATE: '0.3',
  CALLBACK_LOST_RATE: '0.15',
  CALLBACK_DUPLICATE_RATE: '0.2',
  CALLBACK_DELAY_MAX_MS: '1000',
  ERROR_RATE: '0.05',
  SLOW_RATE: '0.05',
  SLOW_MS: '1500',
};

/** The whole system as processes, each with wires of its own. */
export class System extends Services<string> {
  /** Ends of processes that were neither stopped nor killed. */
  readonly crashes: { name: string; exit: Exit; atMs: number; lines: string[] }[] = [];
  private readonly opsToken = randomBytes(16).toString('hex');
  private readonly users: BrokerUsers;
  private closing = false;

  private constructor(readonly servers: Servers) {
    super();
    const { cluster } = servers;
    // Of the commands that make the topology, and of the services.
    if (cluster) process.env.AMQP_QUEUE_REPLICAS = `${cluster.members.length}`;
    this.users = new BrokerUsers(true, () => undefined);
  }

  /** Resolves when everything is ready. @param scale processes of each service */
  static async start(servers: Servers, scale: Record<string, number>): Promise<System> {
    const system = new System(servers);
    return system.opened(system.open(scale));
  }

  get processes(): ServiceProcess[] {
    return [...this.services.values()].flatMap(({ all }) => all);
  }

  /** Those that a fault hits: of a server, all. */
  processesOf({ target, replica }: ScheduledFault): readonly ServiceProcess[] {
    if (target === 'broker' || target === 'database') return this.processes;
    const { all } = this.of(target);
    return replica === undefined ? all : all.slice(replica, replica + 1);
  }

  get endpoints(): Endpoints {
    const urls = services.map((name) => [name, this.of(name).all.map(({ url }) => url)]);
    return {
      services: Object.fromEntries(urls) as Endpoints['services'],
      gateway: this.url('gateway'),
      opsToken: fixedToken(this.opsToken),
    };
  }

  /** Leaves the databases to their server, which ends with the run. */
  override async stop(): Promise<Exit[]> {
    this.closing = true;
    await Promise.allSettled([...this.services.values()].map((one) => one.close()));
    return [];
  }

  private async open(scale: Record<string, number>): Promise<void> {
    const { broker, database, cluster } = this.servers;
    const base = { postgresUrl: database.url, tapped: true };
    await this.users.make(broker);
    const { mode } = this.users;
    const replicas = cluster && { AMQP_QUEUE_REPLICAS: `${cluster.members.length}` };
    const env = { ...timeouts, OPS_TOKEN: this.opsToken, AMQP_MODE: mode, ...replicas };
    const common = (app: AppName) => ({ ...base, env, amqpUrl: this.users.urlsOf(app).amqpUrl });
    const folder = 'test/faults/chaos/probe';
    const { managementUrl } = broker;
    const probes = new LeastUsers({
      program: [`${folder}/topology.js`],
      parties: ['probe'],
      prefix: 'chaos-',
      mode,
      broker: { amqpUrl: broker.url, managementUrl },
    });
    await probes.apply();
    const probe = { app: 'probe', main: `${folder}/main.js`, migrations: [`${folder}/migrations`] };
    const gateway = { ...base, app: 'sandbox-gateway', env: gatewayFaults };
    const all = await Promise.all([
      ...services.map((app) => Replicas.create({ ...common(app), app, count: scale[app] ?? 1 })),
      Replicas.create({ ...base, ...probe, amqpUrl: probes.urlOf('probe'), env, count: 1 }),
      Replicas.create({ ...gateway, count: 1 }),
    ]);
    for (const one of all) this.services.set(one.app === gateway.app ? 'gateway' : one.app, one);
    await this.connectGateway();
    if (cluster) await this.connectNodes(cluster);
    for (const one of this.processes) one.onCrash = (exit) => this.restart(one, exit);
    await Promise.all(all.map((one) => one.start({ readyWithinMs })));
  }

  /** Payments and the gateway know each other's address, and a secret. */
  private async connectGateway(): Promise<void> {
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    for (const { env, links } of this.of('payments').all) {
      links.gateway = await TcpTap.open(this.url('gateway'));
      env.GATEWAY_URL = links.gateway.url;
      env.GATEWAY_CALLBACK_SECRET = secret;
    }
    for (const { env } of this.of('gateway').all) {
      env.CALLBACK_URL = `${this.url('payments')}/v1/gateway-callbacks`;
      env.CALLBACK_SECRET = secret;
    }
  }

  /** A wire to each node, in the place of the one to the broker. */
  private async connectNodes(cluster: Cluster): Promise<void> {
    for (const { env, links } of this.processes) {
      if (links.broker === undefined) continue;
      const taps = await Promise.all(cluster.members.map(({ url }) => TcpTap.open(url)));
      await links.broker.close();
      delete links.broker;
      taps.forEach((tap, i) => (links[`broker-${i + 1}`] = tap));
      env.AMQP_URL = cluster.spread(env.AMQP_URL ?? '', taps);
    }
  }

  /** Notes the crash, and starts it again, as any supervisor does. */
  private restart(crashed: ServiceProcess, exit: Exit): void {
    if (this.closing) return;
    const { name, lines } = crashed;
    this.crashes.push({ name, exit, atMs: Date.now(), lines: lines.slice(-crashLines) });
    void delay(restartAfterMs).then(() => {
      if (!this.closing) crashed.start();
    });
  }
}

/** The wires to it; to a broker of several nodes, those to each of them. */
export function tapsTo(end: string, { links }: ServiceProcess): TcpTap[] {
  const names = Object.keys(links).filter((name) => name === end || name.startsWith(`${end}-`));
  return names.flatMap((name) => links[name] ?? []);
}
