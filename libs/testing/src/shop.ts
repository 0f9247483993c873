import { startProcess, type Exit, type ServiceProcess } from './process';
import { createTestDatabase, type TestDatabase } from './test-database';
import { untilReady } from './until-ready';

export const apps = ['users', 'log-sink', 'financial', 'payments', 'orders'] as const;

export type App = (typeof apps)[number];

export interface ShopOptions {
  /** A virtual host that is nobody else's. */
  amqpUrl: string;
  /** A role that may create databases: each service gets a fresh one. */
  postgresUrl: string;
  /** Processes of a service; one of each unless said otherwise, none for 0. */
  replicas?: Partial<Record<App, number>>;
  /** Of every service. */
  env?: Record<string, string>;
  readyWithinMs?: number;
}

export interface Shop {
  /** Of the first replica's HTTP API. */
  url(app: App): string;
  replicas(app: App): ServiceProcess[];
  /** For its owner, who may do there what the service may not. */
  databaseUrl(app: App): string;
  /** SIGTERM to every replica of a service. */
  stopApp(app: App): Promise<Exit[]>;
  /** SIGKILL to every replica of a service. */
  kill(app: App): Promise<void>;
  /** As many new processes as the service had, on its database. */
  restart(app: App): Promise<void>;
  /** The last lines of every process, to be printed when a test fails. */
  lastLines(count?: number): string;
  /** Stops what still runs and drops the databases. */
  stop(): Promise<Exit[]>;
}

/** Every service as its own OS process, from dist/; resolves when all are ready. */
export async function startShop(options: ShopOptions): Promise<Shop> {
  const shop = new RunningShop(options);
  try {
    await Promise.all(apps.map((app) => shop.open(app)));
  } catch (error) {
    const lines = shop.lastLines();
    await shop.stop();
    throw new Error(`the shop did not start: ${String(error)}\n${lines}`, { cause: error });
  }
  return shop;
}

class RunningShop implements Shop {
  private readonly databases = new Map<App, TestDatabase>();
  private readonly processes = new Map<App, ServiceProcess[]>();

  constructor(private readonly options: ShopOptions) {}

  async open(app: App): Promise<void> {
    if (this.count(app) === 0) return;
    this.databases.set(app, await createTestDatabase(app, this.options.postgresUrl));
    await this.restart(app);
  }

  async restart(app: App): Promise<void> {
    const database = this.databases.get(app);
    if (!database) throw new Error(`${app} is not part of this shop`);
    const started = await Promise.all(
      Array.from({ length: this.count(app) }, () => startProcess({ app, env: this.env(database) })),
    );
    this.processes.set(app, started);
    const { readyWithinMs = 30_000 } = this.options;
    await Promise.all(started.map(({ url }) => untilReady(url, { withinMs: readyWithinMs })));
  }

  url(app: App): string {
    const [first] = this.replicas(app);
    if (!first) throw new Error(`${app} is not part of this shop`);
    return first.url;
  }

  replicas(app: App): ServiceProcess[] {
    return this.processes.get(app) ?? [];
  }

  databaseUrl(app: App): string {
    const database = this.databases.get(app);
    if (!database) throw new Error(`${app} is not part of this shop`);
    return database.url;
  }

  async stopApp(app: App): Promise<Exit[]> {
    return Promise.all(this.replicas(app).map((replica) => replica.stop()));
  }

  async kill(app: App): Promise<void> {
    await Promise.all(this.replicas(app).map((replica) => replica.kill()));
  }

  lastLines(count = 25): string {
    return [...this.processes.values()]
      .flat()
      .map(({ app, pid, lines }) => [`--- ${app} (${pid})`, ...lines.slice(-count)].join('\n'))
      .join('\n');
  }

  async stop(): Promise<Exit[]> {
    const exits = await Promise.all(apps.map((app) => this.stopApp(app)));
    await Promise.all([...this.databases.values()].map((database) => database.drop()));
    return exits.flat();
  }

  private count(app: App): number {
    return this.options.replicas?.[app] ?? 1;
  }

  private env(database: TestDatabase): Record<string, string> {
    return {
      AMQP_URL: this.options.amqpUrl,
      POSTGRES_URL: database.serviceUrl,
      LOG_FORMAT: 'text',
      NO_COLOR: '1',
      ...this.options.env,
    };
  }
}
