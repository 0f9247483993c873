import { provideBroker, provideDatabase, type Broker, type Database } from '@tradepost/test-kit';

/** Broker and database of the drill's own: they will be stopped, frozen and killed. */
export interface Servers {
  broker: Broker;
  database: Database;
  stop(): Promise<void>;
}

export async function startServers(signal: AbortSignal): Promise<Servers> {
  const options = { own: true, signal };
  const started = await Promise.allSettled([provideBroker(options), provideDatabase(options)]);
  const stop = async () => {
    for (const one of started) {
      if (one.status === 'fulfilled') await one.value.stop().catch(() => undefined);
    }
  };
  const [broker, database] = started;
  if (broker.status === 'fulfilled' && database.status === 'fulfilled') {
    return { broker: broker.value, database: database.value, stop };
  }
  await stop();
  throw broker.status === 'rejected' ? broker.reason : (database as PromiseRejectedResult).reason;
}
