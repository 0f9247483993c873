import { services, type Service } from '../../apps/services';
import { BrokerUsers } from '../../dev/start/broker-users';
import { environment } from './environment';
import type { Exit, ServiceProcess } from './process';
import { Replicas, Services } from './replicas';

export interface ShopOptions {
  /** A virtual host that is used by nothing else; its user may make others. */
  amqpUrl: string;
  /** Of its management API; that of the tests' broker unless given. */
  managementUrl?: string;
  /** Where topology and users have been made: the URL of each service. */
  amqpUrls?: Partial<Record<Service, string>>;
  /** A role that may create databases: each service gets a fresh one. */
  postgresUrl: string;
  /** Processes of a service; one of each unless given, none for 0. */
  replicas?: Partial<Record<Service, number>>;
  /** Of every service. Payments has the sandbox in its process unless GATEWAY_URL is here. */
  env?: Record<string, string>;
  readyWithinMs?: number;
}

/** Every service as its own OS process, from dist/, and as its own user of the broker. */
export class Shop extends Services<Service> {
  private readonly users?: BrokerUsers;

  private constructor(private readonly options: ShopOptions) {
    super();
    const isStrict = options.env?.AMQP_MODE !== 'simple' && !options.amqpUrls;
    if (isStrict) this.users = new BrokerUsers(false, () => undefined);
  }

  /** Resolves when all are ready. */
  static async start(options: ShopOptions): Promise<Shop> {
    const shop = new Shop(options);
    const managed = shop.makeUsers();
    const opened = services.map((service) => shop.open(service, managed));
    return shop.opened(Promise.all([managed, ...opened]));
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

  /** Gives the broker back what it has lost, as `topology apply` does. */
  async applyTopology(): Promise<void> {
    await this.users?.renew();
  }

  override async stop(): Promise<Exit[]> {
    const exits = await super.stop();
    await this.users?.remove();
    return exits;
  }

  private async makeUsers(): Promise<void> {
    const { amqpUrl: url, managementUrl = environment().managementUrl } = this.options;
    await this.users?.make({ url, managementUrl, version: 'of some kind' });
    if (this.users?.mode === 'simple') throw new Error(`${url} may make no users`);
  }

  private async open(service: Service, managed: Promise<void>): Promise<void> {
    const { replicas, env, postgresUrl, amqpUrls } = this.options;
    const count = replicas?.[service] ?? 1;
    if (count === 0) return;
    const options = { app: service, count, postgresUrl };
    const gateway = env?.GATEWAY_URL === undefined && { GATEWAY: 'sandbox' };
    const given = { AMQP_MODE: 'strict', ...gateway, ...env };
    const made = await Replicas.create({ ...options, env: given });
    this.services.set(service, made);
    await managed;
    const amqpUrl = amqpUrls?.[service] ?? this.users?.urlsOf(service).amqpUrl;
    for (const replica of made.all) replica.env.AMQP_URL = amqpUrl ?? this.options.amqpUrl;
    await this.restart(service);
  }
}
