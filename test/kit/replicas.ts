import { freePorts } from '../../dev/local/ports';
import { ServiceProcess, type Exit, type Links, type ProcessOptions } from './process';
import { TcpTap } from '../../dev/local/tcp-tap';
import { createTestDatabase, type TestDatabase } from './test-database';

export interface ReplicasOptions extends Pick<ProcessOptions, 'app' | 'main'> {
  count: number;
  /** A virtual host that is used by nothing else; a server without a broker has none. */
  amqpUrl?: string;
  postgresUrl: string;
  /** Folders of migrations beyond those of messaging and the app, relative to the repository. */
  migrations?: string[];
  env?: Record<string, string>;
  /** Each reaches broker and database over wires of its own, which can be cut. */
  tapped?: boolean;
}

/** The processes of one service, and their database. */
export class Replicas {
  private constructor(
    readonly app: string,
    readonly database: TestDatabase,
    readonly all: ServiceProcess[],
  ) {}

  /** Makes the database; starts nothing. */
  static async create(options: ReplicasOptions): Promise<Replicas> {
    const { app, main, count, postgresUrl, migrations, env } = options;
    const database = await createTestDatabase(app, postgresUrl, migrations);
    const ports = await freePorts(Array.from({ length: count }, () => undefined));
    const all = ports.map(async (port, i) => {
      const name = count === 1 ? app : `${app}-${i + 1}`;
      const urls = { broker: options.amqpUrl, database: database.serviceUrl };
      const links = options.tapped ? await openLinks(urls) : {};
      const given = {
        AMQP_URL: links.broker?.url ?? options.amqpUrl,
        POSTGRES_URL: links.database?.url ?? database.serviceUrl,
        LOG_FORMAT: 'text',
        NO_COLOR: '1',
      };
      return ServiceProcess.create({ name, app, main, port, env: { ...given, ...env }, links });
    });
    return new Replicas(app, database, await Promise.all(all));
  }

  async start({ readyWithinMs }: { readyWithinMs: number }): Promise<void> {
    for (const replica of this.all) replica.start();
    await Promise.all(this.all.map((replica) => replica.ready({ withinMs: readyWithinMs })));
  }

  get url(): string {
    const [first] = this.all;
    if (!first) throw new Error(`${this.app} is not part of this shop`);
    return first.url;
  }

  async close(): Promise<Exit[]> {
    const exits = await Promise.all(this.all.map((replica) => replica.close()));
    return exits.filter((exit) => exit !== undefined);
  }

  lastLines(count: number): string {
    return this.all
      .map(({ name, pid, lines }) => [`--- ${name} (${pid})`, ...lines.slice(-count)].join('\n'))
      .join('\n');
  }
}

/** Services by their names. */
export abstract class Services<Name extends string> {
  protected readonly services = new Map<Name, Replicas>();

  of(name: Name): Replicas {
    const replicas = this.services.get(name);
    if (!replicas) throw new Error(`${name} is not part of this shop`);
    return replicas;
  }

  /** Of the first replica's HTTP API. */
  url(name: Name): string {
    return this.of(name).url;
  }

  /** The last lines of every process, to be printed when a test fails. */
  lastLines(count = 25): string {
    return [...this.services.values()].map((replicas) => replicas.lastLines(count)).join('\n');
  }

  /** What Node warned of in any process. */
  get warnings(): string[] {
    return [...this.services.values()].flatMap(({ all }) => all.flatMap((one) => one.warnings));
  }

  /** Stops what still runs and drops the databases. */
  async stop(): Promise<Exit[]> {
    const all = [...this.services.values()];
    const exits = await Promise.all(all.map((replicas) => replicas.close()));
    await Promise.all(all.map(({ database }) => database.drop()));
    return exits.flat();
  }

  /** Resolves to this when `opening` does. @throws after it has closed what was opened */
  protected async opened(opening: Promise<unknown>): Promise<this> {
    try {
      await opening;
      return this;
    } catch (error) {
      const lines = this.lastLines();
      await this.stop();
      throw new Error(`the shop did not start: ${String(error)}\n${lines}`, { cause: error });
    }
  }
}

async function openLinks(urls: Record<string, string | undefined>): Promise<Links> {
  const links: Links = {};
  for (const [end, url] of Object.entries(urls)) {
    if (url !== undefined) links[end] = await TcpTap.open(url);
  }
  return links;
}
