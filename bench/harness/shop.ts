import { join } from 'node:path';
import { createDatabase, databaseUrl, dropDatabase, migrate, type Db } from '@tradepost/database';
import { apps, services, type Service } from '../../apps/services';
import { freePorts } from '../../dev/local/ports';
import { RunningService } from '../../dev/start/service';
import type { Pids } from './measure';
import { createDb } from './servers';
import { VirtualHost } from './virtual-host';
import type { Setting } from './work';

const readyMs = 120_000;
const password = 'bench';
const opsToken = 'the-token-of-the-benchmark';

/**
 * The shop as `npm start` runs it: its processes, its environment, and nothing beside. Only the
 * names of its databases and its virtual host are its own, so that several can stand side by side.
 */
export class Shop {
  readonly opsToken = opsToken;
  private readonly running = new Map<string, RunningService>();
  private failure: Error | undefined;

  private constructor(
    private readonly name: string,
    private readonly setting: Setting,
    readonly host: VirtualHost,
    private readonly early: Record<string, string>,
  ) {}

  /**
   * Its databases and its virtual host; nothing runs yet.
   * @param early what its processes have in their environment from the start
   */
  static async create(
    name: string,
    setting: Setting,
    early: Record<string, string> = {},
  ): Promise<Shop> {
    const host = await VirtualHost.create(setting.servers.broker, name);
    const shop = new Shop(name, setting, host, early);
    await Promise.all(services.map((service) => shop.migrate(service)));
    return shop;
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
        service.start();
        const { signal } = new AbortController();
        await service.untilReady({ withinMs: readyMs, signal });
      }),
    );
    this.assertWell();
  }

  async stop(names: readonly string[] = [...this.running.keys()]): Promise<void> {
    await Promise.all(
      names.map(async (name) => {
        await this.running.get(name)?.stop();
        this.running.delete(name);
      }),
    );
  }

  /** Everything that `create` made. */
  async drop(): Promise<void> {
    await this.stop();
    const { database } = this.setting.servers;
    for (const service of services) await dropDatabase(database.url, this.databaseOf(service));
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
    const died = (why: string) => {
      this.failure ??= new Error(`${this.name}: ${name} ${why}`);
    };
    return new RunningService({
      name: service,
      port,
      early: this.early,
      env: {
        AMQP_URL: this.host.url,
        POSTGRES_URL: databaseUrl(this.setting.servers.database.url, names),
        OPS_TOKEN: opsToken,
        AUTH: 'none',
        GATEWAY: 'sandbox',
        ...env,
      },
      outputFile: join(this.setting.folder, `${this.name}-${name}.log`),
      onRestart: () => died('died'),
      onGivenUp: (error) => died(error.message),
    });
  }
}
