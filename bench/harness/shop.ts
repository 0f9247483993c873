import { join } from 'node:path';
import { createDatabase, databaseUrl, dropDatabase, migrate, type Db } from '@tradepost/database';
import type { Mode } from '@tradepost/messaging';
import { scopes } from '@tradepost/service';
import { apps, services, type Service } from '../../apps/services';
import { BrokerUsers } from '../../dev/start/broker-users';
import type { Tokens } from './tokens';
import { freePorts } from '../../dev/local/ports';
import { RunningService } from '../../dev/start/service';
import type { Pids } from './measure';
import { createDb } from './servers';
import { VirtualHost } from './virtual-host';
import type { Setting } from './work';

const readyMs = 120_000;
const password = 'bench';
const opsToken = 'the-token-of-the-benchmark';

/** Each is a group of processes of its own, which no signal to us reaches. */
const standing = new Set<RunningService>();

// The last resort: nothing that is measured outlives us.
process.on('exit', () => {
  for (const service of standing) service.killNow();
});

export interface ShopOptions {
  /** What its processes have in their environment from the start. */
  early?: Record<string, string>;
  /** `simple`: one user of the broker for all; `strict` unless given. */
  mode?: Mode;
  /** Lets in who has one of these, instead of everyone. */
  tokens?: Tokens;
}

/**
 * The shop as `npm start` runs it: its processes, its environment, its users of the broker, and
 * nothing beside. Only the names of its databases and its virtual host are its own, so that several
 * can stand side by side.
 */
export class Shop {
  private readonly running = new Map<string, RunningService>();
  private readonly users?: BrokerUsers;
  private failure: Error | undefined;

  private constructor(
    private readonly name: string,
    private readonly setting: Setting,
    readonly host: VirtualHost,
    private readonly options: ShopOptions,
  ) {
    if (options.mode !== 'simple') this.users = new BrokerUsers(false, () => undefined);
  }

  /** Its databases, its virtual host and its users there; nothing runs yet. */
  static async create(name: string, setting: Setting, options: ShopOptions = {}): Promise<Shop> {
    const { broker } = setting.servers;
    const host = await VirtualHost.create(broker, name);
    const shop = new Shop(name, setting, host, options);
    const { managementUrl, version } = broker;
    const made = shop.users?.make({ url: host.url, managementUrl, version });
    await Promise.all([made, ...services.map((service) => shop.migrate(service))]);
    return shop;
  }

  /** For who audits it. */
  async operatorToken(): Promise<string> {
    const { tokens } = this.options;
    return tokens ? tokens.of({ subject: 'operator', scope: scopes.join(' ') }) : opsToken;
  }

  /**
   * Resolves when all are ready.
   * @param names of processes: a service's, or `payments-2`
   * @param env beside that of `npm start`
   */
  async start(
    names: readonly string[] = services,
    env: Record<string, string> = {},
  ): Promise<void> {
    const ports = await freePorts(names.map(() => undefined));
    await Promise.all(
      names.map(async (name, at) => {
        const service = this.open(name, ports[at] ?? 0, env);
        this.running.set(name, service);
        standing.add(service);
        service.start();
        await service.untilReady({ withinMs: readyMs, signal: this.setting.signal });
      }),
    );
    this.assertWell();
  }

  async stop(names: readonly string[] = [...this.running.keys()]): Promise<void> {
    await Promise.all(
      names.map(async (name) => {
        const service = this.running.get(name);
        if (!service) return;
        await service.stop();
        this.running.delete(name);
        standing.delete(service);
      }),
    );
  }

  /** Everything that `create` made. */
  async drop(): Promise<void> {
    await this.stop();
    const { database } = this.setting.servers;
    for (const service of services) await dropDatabase(database.url, this.databaseOf(service));
    await this.users?.remove();
    await this.host.drop();
  }

  url(service: Service): string {
    const found = this.running.get(service);
    if (!found) throw new Error(`${service} does not run`);
    return found.url;
  }

  get pids(): Pids {
    return Object.fromEntries([...this.running].map(([name, { pid }]) => [name, pid]));
  }

  /** For its owner, who may do there what the service may not. */
  db(service: Service): Db {
    const { database } = this.setting.servers;
    return createDb(databaseUrl(database.url, { name: this.databaseOf(service) }));
  }

  get databases(): string[] {
    return services.map((service) => this.databaseOf(service));
  }

  /** @throws when a service has died: what was measured is no shop at work */
  assertWell(): void {
    if (this.failure) throw this.failure;
  }

  private auth(): Record<string, string> {
    const { tokens } = this.options;
    if (!tokens) return { AUTH: 'none', OPS_TOKEN: opsToken };
    return { ...tokens.settings, RATE_LIMIT_PER_MINUTE: '1000000' };
  }

  private databaseOf(service: Service): string {
    return `bench_${this.name}_${service}`.replaceAll('-', '_');
  }

  private async migrate(service: Service): Promise<void> {
    const adminUrl = this.setting.servers.database.url;
    const name = this.databaseOf(service);
    await createDatabase(adminUrl, { name, role: name, password });
    const folders = [...apps[service].migrations];
    await migrate({ url: databaseUrl(adminUrl, { name }), folders, grantTo: name });
  }

  private open(name: string, port: number, env: Record<string, string>): RunningService {
    const service = services.find((one) => name === one || name.startsWith(`${one}-`)) ?? 'orders';
    const database = this.databaseOf(service);
    const names = { name: database, role: database, password };
    const { servers } = this.setting;
    const died = (why: string) => {
      this.failure ??= new Error(`${this.name}: ${name} ${why}`);
    };
    return new RunningService({
      name: service,
      port,
      early: this.options.early ?? {},
      env: {
        AMQP_URL: servers.spread(this.users?.urlsOf(service).amqpUrl ?? this.host.url),
        AMQP_MODE: this.users?.mode ?? 'simple',
        POSTGRES_URL: databaseUrl(servers.database.url, names),
        ...this.auth(),
        GATEWAY: 'sandbox',
        ...env,
      },
      outputFile: join(this.setting.folder, `${this.name}-${name}.log`),
      onRestart: () => died('died'),
      onGivenUp: (error) => died(error.message),
    });
  }
}
