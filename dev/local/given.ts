import { Db } from '@tradepost/database';
import { assertBroker, managedVersion } from './broker-ready';
import type { Broker, Database } from './kinds';
import { messageOf } from './until';

/**
 * The broker that AMQP_URL names. Its management API is AMQP_MANAGEMENT_URL, or where RabbitMQ
 * has it by default: port 15672 of the same host, for the same user.
 * @throws when that is no URL, or the broker does not take a connection
 */
export async function givenBroker(url: string): Promise<Broker> {
  assertUrl('AMQP_URL', url);
  const managementUrl = process.env.AMQP_MANAGEMENT_URL || managementOf(url);
  await assertBroker(url).catch((error: unknown) => {
    throw new Error(
      `AMQP_URL is set to ${hidden(url)}, which does not answer: ${messageOf(error)}`,
    );
  });
  const version = await managedVersion(managementUrl).catch(() => undefined);
  const refuse = () =>
    Promise.reject(new Error('the broker of AMQP_URL is not ours to stop; provide one with `own`'));
  return {
    url,
    managementUrl,
    version,
    how:
      version === undefined ? 'AMQP_URL, without management API' : `AMQP_URL, RabbitMQ ${version}`,
    halt: refuse,
    kill: refuse,
    resume: refuse,
    freeze: refuse,
    thaw: refuse,
    control: refuse,
    stop: async () => undefined,
  };
}

/** @throws when POSTGRES_URL is no URL, or its server does not take a connection */
export async function givenDatabase(url: string): Promise<Database> {
  assertUrl('POSTGRES_URL', url);
  await assertDatabase(url).catch((error: unknown) => {
    throw new Error(
      `POSTGRES_URL is set to ${hidden(url)}, which does not answer: ${messageOf(error)}`,
    );
  });
  const refuse = () =>
    Promise.reject(
      new Error('the server of POSTGRES_URL is not ours to stop; provide one with `own`'),
    );
  const stop = async () => undefined;
  return {
    url,
    how: 'POSTGRES_URL',
    halt: refuse,
    kill: refuse,
    resume: refuse,
    freeze: refuse,
    thaw: refuse,
    stop,
  };
}

export async function assertDatabase(url: string): Promise<void> {
  const db = new Db({ url, poolMax: 1 });
  try {
    await db.ping();
  } finally {
    await db.close();
  }
}

// Its value is not repeated: who knows where in it a password is.
function assertUrl(name: string, text: string): void {
  if (!URL.canParse(text)) throw new Error(`${name} is not a URL`);
}

function managementOf(amqpUrl: string): string {
  const url = new URL(amqpUrl.replace(/^amqp/, 'http'));
  return `${url.protocol}//${url.username}:${url.password}@${url.hostname}:15672`;
}

function hidden(text: string): string {
  const url = new URL(text);
  if (url.password !== '') url.password = '***';
  return url.href;
}
