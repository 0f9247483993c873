import { provideBroker, provideDatabase, type Broker, type Database } from '@tradepost/test-kit';

/** A broker and a database of the run's own: they are stopped, frozen and killed. */
export interface Servers {
  broker: Broker;
  database: Database;
}

/** Starts both, and stops them when `work` has ended. With `durable`, commits outlive a kill. */
export async function withServers<T>(
  options: { durable?: boolean; signal: AbortSignal },
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
