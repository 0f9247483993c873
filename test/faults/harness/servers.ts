import {
  provideBroker,
  provideCluster,
  provideDatabase,
  type Broker,
  type Cluster,
  type Database,
} from '@tradepost/test-kit';

/** A broker and a database of the run's own: they are stopped, frozen and killed. */
export interface Servers {
  broker: Broker;
  database: Database;
  /** The broker, where it is one of several nodes. */
  cluster?: Cluster;
}

/**
 * Starts both, and stops them when `work` has ended. With `durable`, commits outlive a kill; with
 * `isCluster` the broker is a cluster of three nodes.
 */
export async function withServers<T>(
  { isCluster, ...options }: { durable?: boolean; isCluster?: boolean; signal: AbortSignal },
  work: (servers: Servers) => Promise<T>,
): Promise<T> {
  const own = { ...options, own: true };
  const cluster = isCluster ? provideCluster(own) : undefined;
  const providing = [cluster ?? provideBroker(own), provideDatabase(own)] as const;
  const started = await Promise.allSettled(providing);
  try {
    const [broker, database] = await Promise.all(providing);
    return await work({ broker, database, cluster: await cluster });
  } finally {
    for (const one of started) {
      if (one.status === 'rejected') continue;
      // A frozen one cannot be stopped.
      await one.value.thaw().catch(() => undefined);
      await one.value.stop().catch(() => undefined);
    }
  }
}
