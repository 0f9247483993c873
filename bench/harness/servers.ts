import { Db } from '@tradepost/database';
import { provideBroker, provideCluster, provideDatabase } from '../../dev/local/provide';
import { removeData } from '../../dev/local/remove-data';
import type { Broker, Database } from '../../dev/local/types';

/** One broker and one PostgreSQL server, as `npm start` finds them, for all that is compared. */
export interface Servers {
  broker: Broker;
  database: Database;
  /** Services connect to all nodes of a cluster. */
  spread(url: string): string;
}

interface Options {
  dataFolder: string;
  /** Three nodes of RabbitMQ in place of one. */
  isCluster?: boolean;
  signal: AbortSignal;
  log: (line: string) => void;
}

/** Starts both with fresh data of their own, durable, and stops them when `work` has ended. */
export async function withServers<T>(
  options: Options,
  work: (servers: Servers) => Promise<T>,
): Promise<T> {
  await removeData(options.dataFolder);
  const own = { ...options, own: true };
  const nodes = options.isCluster ? provideCluster(own) : undefined;
  const providing = [nodes ?? provideBroker(own), provideDatabase(own)] as const;
  const started = await Promise.allSettled(providing);
  try {
    options.signal.throwIfAborted();
    const [broker, database] = [await providing[0], await providing[1]];
    const cluster = await nodes;
    return await work({ broker, database, spread: (url) => cluster?.spread(url) ?? url });
  } finally {
    for (const one of started) {
      if (one.status === 'fulfilled') await one.value.stop();
    }
    await removeData(options.dataFolder);
  }
}

/** For what the works read and load: a few connections, statements as long as they want. */
export function createDb(url: string): Db {
  return new Db({ url, poolMax: 4, statementTimeoutMs: 3_600_000, applicationName: 'bench' });
}
