import { services, type Service } from '../../apps/services';
import type { Exit } from './process';
import type { Replica } from './replica';
import { Replicas } from './replicas';

export interface ShopOptions {
  /** A virtual host that is nobody else's. */
  amqpUrl: string;
  /** A role that may create databases: each service gets a fresh one. */
  postgresUrl: string;
  /** Processes of a service; one of each unless said otherwise, none for 0. */
  replicas?: Partial<Record<Service, number>>;
  /** Of every service. Payments has the sandbox in its process unless GATEWAY_URL is here. */
  env?: Record<string, string>;
  readyWithinMs?: number;
}

export interface Shop {
  /** Of the first replica's HTTP API. */
  url(app: Service): string;
  replicas(app: Service): Replica[];
  /** For its owner, who may do there what the service may not. */
  databaseUrl(app: Service): string;
  /** SIGTERM to every replica of a service. */
  stopApp(app: Service): Promise<Exit[]>;
  /** SIGKILL to every replica of a service. */
  kill(app: Service): Promise<void>;
  /** A process in each of a service's places, on its database; resolves when all are ready. */
  restart(app: Service): Promise<void>;
  /** The last lines of every process, to be printed when a test fails. */
  lastLines(count?: number): string;
  /** Stops what still runs and drops the databases. */
  stop(): Promise<Exit[]>;
}

/** Every service as its own OS process, from dist/; resolves when all are ready. */
export async function startShop(options: ShopOptions): Promise<Shop> {
  const shop = new RunningShop(options);
  try {
    await Promise.all(services.map((app) => shop.open(app)));
  } catch (error) {
    const lines = shop.lastLines();
    await shop.stop();
    throw new Error(`the shop did not start: ${String(error)}\n${lines}`, { cause: error });
  }
  return shop;
}

class RunningShop implements Shop {
  private readonly services = new Map<Service, Replicas>();

  constructor(private readonly options: ShopOptions) {}

  async open(app: Service): Promise<void> {
    const { replicas, env, amqpUrl, postgresUrl } = this.options;
    const count = replicas?.[app] ?? 1;
    if (count === 0) return;
    const gateway = env?.GATEWAY_URL === undefined && { GATEWAY: 'sandbox' };
    const given = { ...gateway, ...env };
    const opened = await Replicas.open({ app, count, amqpUrl, postgresUrl, env: given });
    this.services.set(app, opened);
    await this.restart(app);
  }

  async restart(app: Service): Promise<void> {
    const { readyWithinMs = 30_000 } = this.options;
    await this.service(app).start({ readyWithinMs });
  }

  url(app: Service): string {
    return this.service(app).url;
  }

  replicas(app: Service): Replica[] {
    return this.services.get(app)?.all ?? [];
  }

  databaseUrl(app: Service): string {
    return this.service(app).database.url;
  }

  async stopApp(app: Service): Promise<Exit[]> {
    const exits = await Promise.all(this.replicas(app).map((replica) => replica.stop()));
    return exits.filter((exit) => exit !== undefined);
  }

  async kill(app: Service): Promise<void> {
    await Promise.all(this.replicas(app).map((replica) => replica.kill()));
  }

  lastLines(count = 25): string {
    return [...this.services.values()].map((service) => service.lastLines(count)).join('\n');
  }

  async stop(): Promise<Exit[]> {
    const services = [...this.services.values()];
    const exits = await Promise.all(services.map((service) => service.close()));
    await Promise.all(services.map(({ database }) => database.drop()));
    return exits.flat();
  }

  private service(app: Service): Replicas {
    const service = this.services.get(app);
    if (!service) throw new Error(`${app} is not part of this shop`);
    return service;
  }
}
