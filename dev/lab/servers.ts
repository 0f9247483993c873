import { readState } from '../../ops/shop/state';
import { provideBroker, provideDatabase } from '../local/provide';
import { brokerAnswers } from '../local/ready';
import type { Broker, Database } from '../local/types';

const runningMs = 3_000;

export interface LabServers {
  amqpUrl: string;
  managementUrl: string;
  /** How it came to be, for people. */
  how: string;
  /** Of a story that stops its broker. */
  own?: { broker: Broker; database: Database };
  stop(): Promise<void>;
}

interface ServersOptions {
  log: (line: string) => void;
  signal: AbortSignal;
}

/** AMQP_URL, or the broker of the running `npm start`, or one that is started for this. */
export async function anyBroker(options: ServersOptions): Promise<LabServers> {
  const running = process.env.AMQP_URL ? undefined : await runningBroker(options.signal);
  if (running !== undefined) return running;
  const broker = await provideBroker(options);
  if (broker.version !== undefined) return { ...urlsOf(broker), stop: () => broker.stop() };
  throw new Error('The lab needs the broker’s management API: set AMQP_MANAGEMENT_URL.');
}

/** A broker and a database that nobody else has. */
export async function ownServers(options: ServersOptions): Promise<LabServers> {
  const started = await Promise.allSettled([
    provideBroker({ ...options, own: true, durable: true }),
    provideDatabase({ ...options, own: true }),
  ] as const);
  const [broker, database] = started;
  const stop = async () => {
    const running = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    await Promise.allSettled(running.map((server) => server.stop()));
  };
  if (broker.status === 'fulfilled' && database.status === 'fulfilled') {
    const own = { broker: broker.value, database: database.value };
    const how = `${own.broker.how}; ${own.database.how}`;
    return { ...urlsOf(own.broker), how, own, stop };
  }
  await stop();
  throw started.find((one) => one.status === 'rejected')?.reason as Error;
}

async function runningBroker(signal: AbortSignal): Promise<LabServers | undefined> {
  const { amqpUrl, managementUrl } = (await readState()) ?? {};
  if (amqpUrl === undefined || managementUrl === undefined) return undefined;
  const asked = { url: amqpUrl, managementUrl, withinMs: runningMs, signal };
  const version = await brokerAnswers(asked).catch(() => undefined);
  if (version === undefined) return undefined;
  const how = `that of the running npm start, RabbitMQ ${version}`;
  return { amqpUrl, managementUrl, how, stop: async () => undefined };
}

function urlsOf({ url: amqpUrl, managementUrl, how }: Broker) {
  return { amqpUrl, managementUrl, how };
}
