import { connect } from 'amqplib';
import { unescape } from 'node:querystring';
import { Db } from '@tradepost/database';
import { fetch } from 'undici';
import { eventually, within } from '@tradepost/messaging/testing';
import type { Broker } from './types';

type BrokerUrls = Pick<Broker, 'url' | 'managementUrl'>;

const attemptMs = 5_000;

/** @throws why no connection can be made: unreachable, refused, no such virtual host */
export async function assertBroker(url: string): Promise<void> {
  const connection = await within(
    connect(url, { timeout: attemptMs, noDelay: true }),
    attemptMs,
    'connecting',
  );
  connection.on('error', () => undefined);
  await within(connection.close(), attemptMs, 'closing');
}

/** @returns the broker's version. @throws when its API does not answer, or not to this user */
export async function managedVersion(managementUrl: string): Promise<string> {
  const overview = await managed<{ rabbitmq_version: string }>(managementUrl, 'overview');
  return overview.rabbitmq_version;
}

/** The nodes of its cluster that a broker sees running. @throws when its API does not answer */
export async function runningNodes(managementUrl: string): Promise<string[]> {
  const nodes = await managed<{ name: string; running: boolean }[]>(managementUrl, 'nodes');
  return nodes.filter(({ running }) => running).map(({ name }) => name);
}

async function managed<T>(managementUrl: string, path: string): Promise<T> {
  const { username, password, origin } = new URL(managementUrl);
  const token = `${unescape(username)}:${unescape(password)}`;
  const response = await fetch(`${origin}/api/${path}`, {
    headers: {
      authorization: `Basic ${Buffer.from(token).toString('base64')}`,
      // A broker that is to stop waits five seconds for connections kept alive.
      connection: 'close',
    },
    signal: AbortSignal.timeout(attemptMs),
  });
  if (!response.ok) throw new Error(`${origin} answers ${response.status}`);
  return (await response.json()) as T;
}

/** Resolves when a broker that starts takes connections and manages itself. @returns its version */
export function brokerAnswers({
  url,
  managementUrl,
  withinMs,
  signal,
}: BrokerUrls & { withinMs: number; signal?: AbortSignal }): Promise<string> {
  const check = async () => {
    const version = await managedVersion(managementUrl);
    await assertBroker(url);
    return version;
  };
  return eventually(check, { what: 'RabbitMQ answers', withinMs, everyMs: 100, signal });
}

/** @throws why no connection can be made */
export async function assertDatabase(url: string): Promise<void> {
  const db = new Db({ url, poolMax: 1 });
  try {
    await db.ping();
  } finally {
    await db.close();
  }
}
