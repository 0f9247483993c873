import { elapsed } from '../time';
import { provideBroker, provideDatabase } from './provide';
import { type Broker, type Database } from './types';

/**
 * One broker and one database for all that `work` does, which ends, and they with it, on a signal.
 * @throws when one cannot be had, after the other has stopped
 */
export async function withServers<T>(
  work: (broker: Broker, database: Database, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => abort.abort(new Error(`stopped by ${signal}`)));
  }
  const { signal } = abort;
  const options = { log: console.log, signal };
  const giveUp = (error: unknown): never => {
    abort.abort(error);
    throw error;
  };
  const providing = [
    provideBroker(options).catch(giveUp),
    provideDatabase({ ...options, dockerFirst: true }).catch(giveUp),
  ] as const;
  // Both, before either's failure is thrown: what has started by then must be stopped.
  const started = await Promise.allSettled(providing);
  try {
    signal.throwIfAborted();
    const [broker, database] = await Promise.all(providing);
    console.log(`RabbitMQ: ${broker.how}\nPostgreSQL: ${database.how}`);
    if (broker.version === undefined) {
      throw new Error('Tests need the broker’s management API: set AMQP_MANAGEMENT_URL.');
    }
    console.log(`Broker and database are there (${elapsed()}).`);
    return await work(broker, database, signal);
  } finally {
    const running = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    await Promise.allSettled(running.map((server) => server.stop()));
    console.log(`Ran for ${elapsed()}.`);
  }
}

/** Where tests find them: test/kit/environment.ts. */
export function serverVariables(broker: Broker, database: Database): Record<string, string> {
  return {
    AMQP_URL: broker.url,
    AMQP_MANAGEMENT_URL: broker.managementUrl,
    ...(broker.metricsUrl !== undefined && { AMQP_METRICS_URL: broker.metricsUrl }),
    POSTGRES_URL: database.url,
  };
}
