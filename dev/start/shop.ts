import { resolve } from 'node:path';
import { freePorts } from '../local/ports';
import { removeData } from '../local/remove-data';
import { provideBroker, provideDatabase } from '../local/provide';
import { type Broker, type Database } from '../local/types';
import { apps, gateway, services, window, type AppName } from '../../apps/services';
import { migrateApp } from '../../ops/migrate/migrate-app';
import type { State } from '../../ops/shop/state';
import { elapsed } from '../time';
import { openAccess, type Access } from './access';
import { BrokerUsers } from './broker-users';
import { Drills } from './drills';
import { DrillsServer } from './drills-server';
import { environmentOf, givenGateway, type Surroundings } from './environment';
import { gatewaySecret } from './gateway-secret';
import type { InnerLoop } from './inner-loop';
import { say } from './lines';
import type { Ports } from './ports';
import { writeState } from './state';
import { summary } from './summary';
import { warnOfUnhandled } from './warn-of-unhandled';
import { type Worker, Workers } from './workers';

const password = 'tradepost';
/** Of the first service with a debugger, as Node's own is. */
const inspectPort = 9229;

interface Servers {
  broker: Broker;
  database: Database;
  databaseUrls: Map<AppName, string>;
}

export interface ShopOptions {
  apps: readonly AppName[];
  ports: Ports;
  /** Each gets a port for a debugger. */
  inspect: readonly AppName[];
}

/** Everything that one `npm start` runs; closed in the opposite order. */
export class LocalShop {
  /** Resolves to the reason, after `askToClose` or when a service cannot go on. */
  readonly closing: Promise<string>;
  failure: Error | undefined;
  private readonly abort = new AbortController();
  private readonly servers: (Broker | Database)[] = [];
  private workers?: Workers;
  private drills?: Drills;
  private drillsServer?: DrillsServer;
  private loop?: InnerLoop;
  private access?: Access;
  private readonly users = new BrokerUsers(!process.env.AMQP_URL);
  private readonly apps: readonly AppName[];
  private readonly ports: Ports;

  constructor(private readonly options: ShopOptions) {
    ({ apps: this.apps, ports: this.ports } = options);
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
    const access = (this.access = await openAccess(process.env));
    const providing = this.provide(dataFolder);
    await this.startAll(providing, access);
    const servers = await providing;
    await this.noteState(servers);
    say(`Ready in ${elapsed()}`);
    // Without our name before each line: what is to be copied can be copied whole.
    const token = await access.customerToken();
    process.stdout.write(summary(this.apps, this.ports, servers, token));
    await warnOfUnhandled(this.ports, await access.token());
  }

  /** From now on a changed source takes effect. Loads the compiler, which nobody else needs. */
  async watch(): Promise<void> {
    const { InnerLoop: Loop } = await import('./inner-loop');
    if (this.workers) this.loop = new Loop(this.workers, async () => this.users.renew());
  }

  askToClose(reason: string): void {
    this.abort.abort(new Error(reason));
  }

  /** Services first, so that they can finish and say so; then what they stand on. */
  async close(): Promise<void> {
    this.abort.abort(new Error('closed'));
    await this.loop?.close();
    await this.drillsServer?.close();
    // What a drill has frozen or killed is there again before it is stopped.
    await this.drills?.close();
    await this.workers?.close();
    await this.users.remove();
    await this.access?.close();
    const stopped = await Promise.allSettled(this.servers.map((server) => server.stop()));
    for (const result of stopped) {
      if (result.status === 'rejected') say(`stopping: ${String(result.reason)}`);
    }
  }

  killNow(): void {
    this.users.killNow();
    this.workers?.killNow();
  }

  private async provide(dataFolder: string): Promise<Servers> {
    const options = { dataFolder, signal: this.abort.signal, log: say };
    const ports = { amqp: 5672, management: 15672, postgres: 5432 };
    const broker = this.keep('RabbitMQ', provideBroker({ ...options, ports }));
    const database = this.keep('PostgreSQL', provideDatabase({ ...options, ports }));
    const urls = database
      .then(({ url: adminUrl }) => this.migrate(adminUrl))
      .catch((error: unknown) => this.giveUp(error));
    const users = broker
      .then(async (one) => this.users.make(one))
      .catch((error: unknown) => this.giveUp(error));
    // All, before one's failure is thrown: what has started by then must be stopped.
    await Promise.allSettled([broker, database, urls, users]);
    this.abort.signal.throwIfAborted();
    return { broker: await broker, database: await database, databaseUrls: await urls };
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

  /** Services load their code while the servers start, and go on when these are there. */
  private async startAll(providing: Promise<Servers>, access: Access): Promise<void> {
    const { apps: all, ports } = this;
    const around = this.surroundings(providing, access);
    const workers = new Workers({
      environmentOf: async (app) => environmentOf(app, await around),
      onChange: () => {
        providing
          .then((servers) => this.noteState(servers))
          .catch((error: unknown) => say(`state.json: ${String(error)}`));
      },
      onGivenUp: (error) => {
        // Its code will change.
        if (this.loop) return;
        this.failure = error;
        this.abort.abort(error);
      },
      inspectPorts: await this.inspectPorts(),
    });
    this.workers = workers;
    const opened: Worker[] = [];
    for (const app of all) {
      const worker = workers.open(app, ports[app]);
      opened.push(worker);
      // One after the other: together they would take from the broker what it starts with.
      await Promise.race([worker.process?.loaded(), providing]);
    }
    const servers = await providing;
    const own = { broker: !process.env.AMQP_URL, database: !process.env.POSTGRES_URL };
    this.drills = new Drills({ ...servers, workers, own });
    this.drillsServer?.serve(this.drills);
    const { signal } = this.abort;
    await Promise.all(opened.map((worker) => workers.untilReady(worker, signal)));
    signal.throwIfAborted();
  }

  private async inspectPorts(): Promise<ReadonlyMap<AppName, number>> {
    const { inspect } = this.options;
    const chosen = new Map<AppName, number>();
    const free = await freePorts(inspect.map((_, at) => inspectPort + at));
    for (const [at, app] of inspect.entries()) {
      const port = free[at] ?? inspectPort;
      say(`${app}: a debugger may come to 127.0.0.1:${port}`);
      chosen.set(app, port);
    }
    return chosen;
  }

  private async surroundings(providing: Promise<Servers>, access: Access): Promise<Surroundings> {
    const { apps: all, ports } = this;
    const drillsServer = await DrillsServer.open();
    this.drillsServer = drillsServer;
    return {
      ...(await providing),
      ...{ apps: all, ports, access, drills: drillsServer, users: this.users },
      gatewaySecret: all.includes(gateway) ? await gatewaySecret() : '',
    };
  }

  private async noteState({ broker, database }: Servers): Promise<void> {
    const of = (app: AppName) => {
      const { process } = this.workers?.of(app) ?? {};
      return process && { url: process.url, pid: process.pid };
    };
    const running = services.flatMap((app) => {
      const url = `http://localhost:${this.ports[app]}`;
      return [[app, of(app) ?? { url, pid: 0 }] as const];
    });
    await writeState({
      console: of(window),
      pid: process.pid,
      amqpUrl: broker.url,
      managementUrl: broker.managementUrl,
      amqpMode: this.users.mode,
      operator: this.users.urlsOf('operator'),
      postgresUrl: database.url,
      ...this.access?.state,
      ...this.gatewayState(of(gateway)),
      services: Object.fromEntries(running),
    });
  }

  private gatewayState(
    running: { url: string; pid: number } | undefined,
  ): Pick<State, 'gatewayUrl' | 'gatewayPid'> {
    if (running) return { gatewayUrl: running.url, gatewayPid: running.pid };
    return { gatewayUrl: givenGateway() };
  }
}
