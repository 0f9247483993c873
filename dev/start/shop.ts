import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { removeData } from '../local/remove-data';
import { provideBroker, provideDatabase } from '../local/provide';
import { type Broker, type Database } from '../local/types';
import { gatewaySecret } from './gateway-secret';
import { apps, gateway, services, window, type AppName, type Service } from '../../apps/services';
import { migrateApp } from '../../ops/migrate/migrate-app';
import { say } from './lines';
import type { Ports } from './ports';
import { RunningService } from './service';
import { writeState } from './state';
import type { State } from '../../ops/shop/state';
import { elapsed } from '../time';

const password = 'tradepost';
const readyMs = 60_000;

interface Servers {
  broker: Broker;
  database: Database;
  urls: Map<AppName, string>;
}

/** Everything that one `npm start` runs; closed in the opposite order. */
export class LocalShop {
  /** Resolves to the reason, after `askToClose` or when a service cannot go on. */
  readonly closing: Promise<string>;
  failure: Error | undefined;
  private readonly opsToken = process.env.OPS_TOKEN?.trim() || randomBytes(24).toString('hex');
  private readonly abort = new AbortController();
  private readonly processes: RunningService[] = [];
  private readonly servers: (Broker | Database)[] = [];

  constructor(
    private readonly apps: readonly AppName[],
    private readonly ports: Ports,
  ) {
    const { signal } = this.abort;
    this.closing = new Promise((done) => {
      signal.addEventListener('abort', () => done((signal.reason as Error).message));
    });
  }

  /** Resolves when every service is ready. @throws when one cannot be, or on `askToClose` */
  async open({ fresh }: { fresh: boolean }): Promise<void> {
    const dataFolder = resolve('.tradepost/data');
    if (fresh) {
      await removeData(dataFolder);
      say('--fresh: removed the data of earlier starts');
      const given = ['AMQP_URL', 'POSTGRES_URL'].filter((name) => process.env[name]);
      if (given.length > 0)
        say(`What ${given.join(' and ')} names is not ours and is left as it is`);
    }
    const servers = await this.provide(dataFolder);
    const secret = this.apps.includes(gateway) ? await gatewaySecret() : '';
    for (const name of this.apps) this.startApp(name, servers, secret);
    const { signal } = this.abort;
    const options = { withinMs: readyMs, signal };
    await Promise.all(this.processes.map((service) => service.untilReady(options)));
    signal.throwIfAborted();
    await this.noteState(servers);
    say(
      `Ready in ${elapsed()}\n${summary(this.apps, this.ports, servers.broker, servers.database)}`,
    );
  }

  askToClose(reason: string): void {
    this.abort.abort(new Error(reason));
  }

  /** Services first, so that they can finish and say so; then what they stand on. */
  async close(): Promise<void> {
    this.abort.abort(new Error('closed'));
    await Promise.all(this.processes.map((service) => service.stop()));
    const stopped = await Promise.allSettled(this.servers.map((server) => server.stop()));
    for (const result of stopped) {
      if (result.status === 'rejected') say(`stopping: ${String(result.reason)}`);
    }
  }

  killNow(): void {
    for (const service of this.processes) service.killNow();
  }

  private async provide(dataFolder: string): Promise<Servers> {
    const options = { dataFolder, signal: this.abort.signal, log: say };
    const ports = { amqp: 5672, management: 15672, postgres: 5432 };
    const broker = this.keep('RabbitMQ', provideBroker({ ...options, ports }));
    const database = this.keep('PostgreSQL', provideDatabase({ ...options, ports }));
    const urls = database
      .then(({ url: adminUrl }) => this.migrate(adminUrl))
      .catch((error: unknown) => this.giveUp(error));
    // All three, before one's failure is thrown: what has started by then must be stopped.
    await Promise.allSettled([broker, database, urls]);
    this.abort.signal.throwIfAborted();
    return { broker: await broker, database: await database, urls: await urls };
  }

  private async migrate(adminUrl: string): Promise<Map<AppName, string>> {
    const options = { adminUrl, password, log: say };
    const stored = this.apps.filter((app) => apps[app].migrations.length > 0);
    const urls = stored.map(async (app) => [app, await migrateApp(app, options)] as const);
    return new Map(await Promise.all(urls));
  }

  private async keep<T extends Broker | Database>(name: string, providing: Promise<T>): Promise<T> {
    const server = await providing.catch((error: unknown) => this.giveUp(error));
    this.servers.push(server);
    say(`${name}: ${server.how} (${elapsed()})`);
    return server;
  }

  private giveUp(error: unknown): never {
    this.abort.abort(error);
    throw error;
  }

  private startApp(name: AppName, servers: Servers, secret: string): void {
    const service = new RunningService({
      name,
      port: this.ports[name],
      env: {
        AMQP_URL: servers.broker.url,
        POSTGRES_URL: servers.urls.get(name) ?? '',
        OPS_TOKEN: this.opsToken,
        // Shells have a HOST of their own: this machine's name, or the compiler's target.
        HOST: '',
        ...this.gatewayEnv(name, secret),
        ...(name === window && this.consoleEnv(servers.broker)),
      },
      onRestart: () => {
        this.noteState(servers).catch((error: unknown) => say(`state.json: ${String(error)}`));
      },
      onGivenUp: (error) => {
        this.failure = error;
        this.abort.abort(error);
      },
    });
    this.processes.push(service);
    service.start();
  }

  /** How payments and the gateway find each other: by our own gateway, or by the environment. */
  private gatewayEnv(name: AppName, secret: string): Record<string, string> {
    if (name === 'payments') {
      if (!this.apps.includes(gateway)) return this.givenGateway() ? {} : { GATEWAY: 'sandbox' };
      const url = this.urlOf(gateway);
      return { GATEWAY: '', GATEWAY_URL: url, GATEWAY_CALLBACK_SECRET: secret };
    }
    if (name !== gateway) return {};
    const url = `${this.urlOf('payments')}/v1/gateway-callbacks`;
    return { CALLBACK_URL: url, CALLBACK_SECRET: secret };
  }

  /** Nobody but this machine reaches it, so that nobody signs in. */
  private consoleEnv({ managementUrl }: Broker): Record<string, string> {
    const named = services.map((service) => `${service}=${this.urlOf(service)}`);
    return {
      HOST: '127.0.0.1',
      SERVICES: named.join(','),
      AMQP_MANAGEMENT_URL: managementUrl,
      CONSOLE_OPEN: 'true',
    };
  }

  private urlOf(app: AppName): string {
    return `http://localhost:${this.ports[app]}`;
  }

  private async noteState({ broker, database }: Servers): Promise<void> {
    const running = this.processes.map(
      ({ url, pid }, index) => [this.apps[index], { url, pid }] as const,
    );
    const shop = running.filter(([app]) => app !== gateway && app !== window);
    await writeState({
      console: running.find(([app]) => app === window)?.[1],
      pid: process.pid,
      amqpUrl: broker.url,
      managementUrl: broker.managementUrl,
      postgresUrl: database.url,
      opsToken: this.opsToken,
      ...this.gatewayState(),
      services: Object.fromEntries(shop) as Record<Service, { url: string; pid: number }>,
    });
  }

  private gatewayState(): Pick<State, 'gatewayUrl' | 'gatewayPid'> {
    const running = this.processes[this.apps.indexOf(gateway)];
    if (running) return { gatewayUrl: running.url, gatewayPid: running.pid };
    return { gatewayUrl: this.givenGateway() };
  }

  /** A gateway that is not ours: payments has it from the same environment. */
  private givenGateway(): string | undefined {
    return process.env.GATEWAY_URL?.trim() || undefined;
  }
}

/** Printed when everything is ready: addresses, and a first order. */
function summary(
  running: readonly AppName[],
  ports: Ports,
  broker: Broker,
  database: Database,
): string {
  const orders = `http://localhost:${ports.orders}`;
  const management = new URL(broker.managementUrl);
  const login = `${management.username} / ${management.password}`;
  const body = JSON.stringify({
    customerId: '1',
    currency: 'USD',
    items: [{ sku: 'MUG-BLUE', quantity: 2 }],
  });
  const row = (name: string, text: string) => `  ${name.padEnd(16)}${text}`;
  const shop = running.filter((app) => app !== window);
  return [
    '',
    row('console', `http://localhost:${ports[window]}   (see it work)`),
    '',
    ...shop.map((app) => row(app, `http://localhost:${ports[app]}`)),
    row('RabbitMQ', `${management.origin} (${login})`),
    row('PostgreSQL', database.url),
    '',
    'Place an order:',
    `  curl -s -X POST ${orders}/v1/orders -H 'content-type: application/json' -d '${body}'`,
    'and see what became of it:',
    `  curl -s '${orders}/v1/orders?limit=1'`,
    '',
    'Ctrl-C stops everything.',
    '',
  ].join('\n');
}
