import { services, type Service } from '../../apps/services';
import type { Exit, ServiceProcess } from './process';
import { Replicas, Services } from './replicas';

export interface ShopOptions {
  /** A virtual host that is used by nothing else. */
  amqpUrl: string;
  /** Of services whose user is one of their own. */
  amqpUrls?: Partial<Record<Service, string>>;
  /** A role that may create databases: each service gets a fresh one. */
  postgresUrl: string;
  /** Processes of a service; one of each unless given, none for 0. */
  replicas?: Partial<Record<Service, number>>;
  /** Of every service. Payments has the sandbox in its process unless GATEWAY_URL is here. */
  env?: Record<string, string>;
  readyWithinMs?: number;
}

/** Every service as its own OS process, from dist/. */
export class Shop extends Services<Service> {
  private constructor(private readonly options: ShopOptions) {
    super();
  }

  /** Resolves when all are ready. */
  static async start(options: ShopOptions): Promise<Shop> {
    const shop = new Shop(options);
    return shop.opened(Promise.all(services.map((service) => shop.open(service))));
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

  async restart(service: Service): Promise<void> {
    const { readyWithinMs = 30_000 } = this.options;
    await this.of(service).start({ readyWithinMs });
  }

  private async open(service: Service): Promise<void> {
    const { replicas, env, postgresUrl } = this.options;
    const amqpUrl = this.options.amqpUrls?.[service] ?? this.options.amqpUrl;
    const count = replicas?.[service] ?? 1;
    if (count === 0) return;
    const gateway = env?.GATEWAY_URL === undefined && { GATEWAY: 'sandbox' };
    const options = { app: service, count, amqpUrl, postgresUrl, env: { ...gateway, ...env } };
    this.services.set(service, await Replicas.create(options));
    await this.restart(service);
  }
}
