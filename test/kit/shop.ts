import { services, type Service } from '../../apps/services';
import type { Exit, ServiceProcess } from './process';
import { Replicas } from './replicas';

export interface ShopOptions {
  /** A virtual host that is used by nothing else. */
  amqpUrl: string;
  /** A role that may create databases: each service gets a fresh one. */
  postgresUrl: string;
  /** Processes of a service; one of each unless given, none for 0. */
  replicas?: Partial<Record<Service, number>>;
  /** Of every service. Payments has the sandbox in its process unless GATEWAY_URL is here. */
  env?: Record<string, string>;
  readyWithinMs?: number;
}

/** Every service as its own OS process, from dist/. */
export class Shop {
  private readonly services = new Map<string, Replicas>();

  private constructor(private readonly options: ShopOptions) {}

  /** Resolves when all are ready. */
  static async start(options: ShopOptions): Promise<Shop> {
    const shop = new Shop(options);
    try {
      await Promise.all(services.map((service) => shop.open(service)));
    } catch (error) {
      const lines = shop.lastLines();
      await shop.stop();
      throw new Error(`the shop did not start: ${String(error)}\n${lines}`, { cause: error });
    }
    return shop;
  }

  /** Of the first replica's HTTP API. */
  url(service: Service): string {
    return this.of(service).url;
  }

  replicas(service: Service): ServiceProcess[] {
    return this.services.get(service)?.all ?? [];
  }

  /** For its owner, who may do there what the service may not. */
  databaseUrl(service: Service): string {
    return this.of(service).database.url;
  }

  /** SIGTERM to every replica of a service. */
  async stopService(service: Service): Promise<Exit[]> {
    const exits = await Promise.all(this.replicas(service).map((replica) => replica.stop()));
    return exits.filter((exit) => exit !== undefined);
  }

  /** SIGKILL to every replica of a service. */
  async kill(service: Service): Promise<void> {
    await Promise.all(this.replicas(service).map((replica) => replica.kill()));
  }

  /** A process for each replica that does not run; resolves when all are ready. */
  async restart(service: Service): Promise<void> {
    const { readyWithinMs = 30_000 } = this.options;
    await this.of(service).start({ readyWithinMs });
  }

  /** The last lines of every process, to be printed when a test fails. */
  lastLines(count = 25): string {
    return [...this.services.values()].map((replicas) => replicas.lastLines(count)).join('\n');
  }

  /** Stops what still runs and drops the databases. */
  async stop(): Promise<Exit[]> {
    const all = [...this.services.values()];
    const exits = await Promise.all(all.map((replicas) => replicas.close()));
    await Promise.all(all.map(({ database }) => database.drop()));
    return exits.flat();
  }

  private async open(service: Service): Promise<void> {
    const { replicas, env, amqpUrl, postgresUrl } = this.options;
    const count = replicas?.[service] ?? 1;
    if (count === 0) return;
    const gateway = env?.GATEWAY_URL === undefined && { GATEWAY: 'sandbox' };
    const options = { app: service, count, amqpUrl, postgresUrl, env: { ...gateway, ...env } };
    this.services.set(service, await Replicas.create(options));
    await this.restart(service);
  }

  private of(service: Service): Replicas {
    const replicas = this.services.get(service);
    if (!replicas) throw new Error(`${service} is not part of this shop`);
    return replicas;
  }
}
