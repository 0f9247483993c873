import { Db } from '@tradepost/database';
import { provideBroker, provideDatabase } from '../../dev/local/provide';
import { removeData } from '../../dev/local/remove-data';
import type { Broker, Database } from '../../dev/local/types';

/** One broker and one PostgreSQL server, as `npm start` finds them, for all that is compared. */
export interface Servers {
  broker: Broker;
  database: Database;
}

/** Starts both with fresh data of their own, durable, and stops them when `work` has ended. */
export async function withServers<T>(
  options: { dataFolder: string; signal: AbortSignal; log: (line: string) => void },
  work: (servers: Servers) => Promise<T>,
): Promise<T> {
  await removeData(options.dataFolder);
  const own = { ...options, own: true };
  const providing = [provideBroker(own), provideDatabase(own)] as const;
  const started = await Promise.allSettled(providing);
  try {
    options.signal.throwIfAborted();
    return await work({ broker: await providing[0], database: await providing[1] });
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
