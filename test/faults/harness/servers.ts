import { provideBroker, provideDatabase, type Broker, type Database } from '@tradepost/test-kit';

/** A broker and a database of the run's own: they are stopped, frozen and killed. */
export interface Servers {
  broker: Broker;
  database: Database;
}

export interface ServersOptions {
  /** What is committed outlives a kill. */
  durable?: boolean;
  signal: AbortSignal;
}

/** Starts both, and stops them when `work` has ended. */
export async function withServers<T>(
  options: ServersOptions,
  work: (servers: Servers) => Promise<T>,
): Promise<T> {
  const own = { ...options, own: true };
  const providing = [provideBroker(own), provideDatabase(own)] as const;
  const started = await Promise.allSettled(providing);
  try {
    return await work({ broker: await providing[0], database: await providing[1] });
  } finally {
    for (const one of started) {
      if (one.status === 'rejected') continue;
      // A frozen one cannot be stopped.
      await one.value.thaw().catch(() => undefined);
      await one.value.stop().catch(() => undefined);
    }
  }
}
