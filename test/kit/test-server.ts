import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Db } from '@tradepost/database';
import { createService, serviceOptionsOf } from '@tradepost/service';
import { TestBroker } from '@tradepost/messaging/testing';
import { holdAnswers } from './hold-answers';
import { openToAll } from './open-to-all';
import { appNames, apps } from '../../apps/services';
import { createTestDatabase, type TestDatabase } from './test-database';
import { untilReady } from '../../dev/time';

export interface TestServer {
  /** Of its HTTP API, without a slash at the end. */
  url: string;
  db: Db;
  app: NestFastifyApplication;
  /** Stops it as SIGTERM would, then drops what was made for it. */
  stop(): Promise<void>;
}

export interface TestService extends TestServer {
  broker: TestBroker;
}

/** A service in this process, alone on a virtual host and a database; ready, as `testServer`. */
export async function testService(
  module: Type,
  env: Record<string, string> = {},
): Promise<TestService> {
  const broker = await TestBroker.create();
  const drop = () => broker.close();
  try {
    const server = await testServer(module, { AMQP_URL: broker.amqpUrl, ...env });
    return { ...server, broker, stop: () => server.stop().finally(drop) };
  } catch (error) {
    await drop();
    throw error;
  }
}

/**
 * A server without a broker, in this process; resolves when it is ready.
 * @param given a database that is there already, and stays; a fresh one otherwise
 */
export async function testServer(
  module: Type,
  env: Record<string, string> = {},
  given?: TestDatabase,
): Promise<TestServer> {
  const database = given ?? (await createTestDatabase(serviceOptionsOf(module).name));
  const drop = async () => (given ? undefined : database.drop());
  try {
    const app = await listen(module, { POSTGRES_URL: database.serviceUrl, ...env });
    const stop = () => app.close().finally(drop);
    const url = await app.getUrl();
    const service = appNames.find((name) => name === serviceOptionsOf(module).name);
    // A test may have a module of its own by that name.
    if (service && (await apps[service].module()) === module) holdAnswers(url, service);
    return { url, db: app.get(Db), app, stop };
  } catch (error) {
    await drop();
    throw error;
  }
}

/** Resolves when it is ready. @throws after it has closed what it had opened */
async function listen(module: Type, env: Record<string, string>): Promise<NestFastifyApplication> {
  const quiet = { ...openToAll, HOST: '127.0.0.1', LOG_LEVEL: 'error', LOG_FORMAT: 'text' };
  const app = await createService(module, { ...quiet, POSTGRES_POOL_MAX: '5', ...env });
  try {
    await app.listen(0, '127.0.0.1');
    await untilReady(await app.getUrl(), { withinMs: 20_000 });
    return app;
  } catch (error) {
    await app.close();
    throw error;
  }
}
