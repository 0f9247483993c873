import { readPostgresUrl, withoutPassword } from '@tradepost/database';
import { messageOf } from '../time';
import { assertBroker, assertDatabase, managedVersion } from './ready';
import type { Broker, Database } from './types';

/**
 * The broker that AMQP_URL names. Its management API is AMQP_MANAGEMENT_URL, or where RabbitMQ
 * has it by default: port 15672 of the same host, for the same user.
 * @throws when that is no URL, or the broker does not take a connection
 */
export async function externalBroker(url: string): Promise<Broker> {
  const given = process.env.AMQP_MANAGEMENT_URL;
  assertUrl('AMQP_URL', url);
  if (given) assertUrl('AMQP_MANAGEMENT_URL', given);
  await assertAnswers('AMQP_URL', url, assertBroker);
  const managementUrl = given || managementOf(url);
  const version = await managedVersion(managementUrl).catch(() => undefined);
  const how = version === undefined ? 'without management API' : `RabbitMQ ${version}`;
  const server = external('AMQP_URL', url);
  const metricsUrl = process.env.AMQP_METRICS_URL || undefined;
  const said = { managementUrl, metricsUrl, version, how: `AMQP_URL, ${how}` };
  return { ...server, ...said, control: server.kill };
}

/** @throws when POSTGRES_URL is no URL, or its server does not take a connection */
export async function externalDatabase(url: string): Promise<Database> {
  readPostgresUrl(url);
  await assertAnswers('POSTGRES_URL', url, assertDatabase);
  return external('POSTGRES_URL', url);
}

function external(name: string, url: string) {
  const refuse = () =>
    Promise.reject(
      new Error(`the server of ${name} is not ours to stop; provide one with \`own\``),
    );
  return {
    url,
    how: name,
    halt: refuse,
    kill: refuse,
    resume: refuse,
    freeze: refuse,
    thaw: refuse,
    stop: async () => undefined,
  };
}

// Its value is not repeated: a password may be anywhere in it.
function assertUrl(name: string, text: string): void {
  if (!URL.canParse(text)) throw new Error(`${name} is not a URL`);
}

async function assertAnswers(
  name: string,
  url: string,
  connect: (url: string) => Promise<void>,
): Promise<void> {
  await connect(url).catch((error: unknown) => {
    const shown = withoutPassword(url);
    throw new Error(`${name} is set to ${shown}, which does not answer: ${messageOf(error)}`);
  });
}

function managementOf(amqpUrl: string): string {
  const url = new URL(amqpUrl.replace(/^amqp/, 'http'));
  return `${url.protocol}//${url.username}:${url.password}@${url.hostname}:15672`;
}
