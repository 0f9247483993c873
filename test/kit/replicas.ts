import type { Exit } from './process';
import { freePorts } from '../../dev/local/ports';
import { Replica, type Links } from './replica';
import { TcpTap } from './tcp-tap';
import { createTestDatabase, type TestDatabase } from './test-database';

export interface ReplicasOptions {
  /** The folder in apps/; or, with `main`, any name. */
  app: string;
  /** What they run, in dist; of an app, its main unless said otherwise. */
  main?: string;
  count: number;
  /** A virtual host that is nobody else's; a server without a broker has none. */
  amqpUrl?: string;
  /** A role that may create databases. */
  postgresUrl: string;
  /** Folders of migrations beyond those of messaging and the app, relative to the repository. */
  migrations?: string[];
  env?: Record<string, string>;
  /** Each reaches broker and database over wires of its own, which can be cut. */
  tapped?: boolean;
}

/** A service of some processes, and their database. */
export class Replicas {
  private constructor(
    readonly app: string,
    readonly database: TestDatabase,
    readonly all: Replica[],
  ) {}

  /** Makes the database; starts nothing. */
  static async open(options: ReplicasOptions): Promise<Replicas> {
    const { app, count, postgresUrl, migrations } = options;
    const database = await createTestDatabase(app, postgresUrl, migrations);
    const ports = await freePorts(Array.from({ length: count }, () => undefined));
    const all = ports.map(async (port, i) => {
      const name = count === 1 ? app : `${app}-${i + 1}`;
      const urls = { broker: options.amqpUrl, database: database.serviceUrl };
      const links = options.tapped ? await openLinks(urls) : {};
      const amqpUrl = links.broker?.url ?? options.amqpUrl;
      const env = {
        ...(amqpUrl !== undefined && { AMQP_URL: amqpUrl }),
        POSTGRES_URL: links.database?.url ?? database.serviceUrl,
        LOG_FORMAT: 'text',
        NO_COLOR: '1',
        ...options.env,
      };
      return new Replica({ name, app, main: options.main, port, env, links });
    });
    return new Replicas(app, database, await Promise.all(all));
  }

  /** Resolves when all are ready. */
  async start({ readyWithinMs }: { readyWithinMs: number }): Promise<void> {
    await Promise.all(this.all.map((replica) => replica.start()));
    await Promise.all(this.all.map((replica) => replica.ready({ withinMs: readyWithinMs })));
  }

  /** Of the first one's HTTP API. */
  get url(): string {
    const [first] = this.all;
    if (!first) throw new Error(`${this.app} is not part of this shop`);
    return first.url;
  }

  /** Ends them and their wires. */
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

async function openLinks(urls: Record<string, string | undefined>): Promise<Links> {
  const links: Links = {};
  for (const [end, url] of Object.entries(urls)) {
    if (url !== undefined) links[end] = await TcpTap.open(url);
  }
  return links;
}
