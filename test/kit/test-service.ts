import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Db } from '@tradepost/database';
import { serviceOptionsOf } from '@tradepost/service';
import { TestBroker } from './test-broker';
import { createTestDatabase } from './test-database';
import { listen } from './test-server';

export interface TestService {
  /** Of the service's HTTP API, without a slash at the end. */
  url: string;
  db: Db;
  broker: TestBroker;
  app: NestFastifyApplication;
  /** Stops the service as SIGTERM would, then drops its virtual host and database. */
  stop(): Promise<void>;
}

/**
 * One service, in this process, alone on a virtual host and a database that are its own. Resolves
 * when it is ready: it listens to HTTP and consumes.
 * @param env beyond, or instead of, what a service under test is given: quiet logs, a free port
 */
export async function testService(
  module: Type,
  env: Record<string, string> = {},
): Promise<TestService> {
  const { name } = serviceOptionsOf(module);
  const [broker, database] = await Promise.all([TestBroker.create(), createTestDatabase(name)]);
  const drop = () => Promise.all([broker.close(), database.drop()]);
  try {
    const app = await listen(module, database, { AMQP_URL: broker.amqpUrl, ...env });
    const stop = async () => {
      await app.close();
      await drop();
    };
    return { url: await app.getUrl(), db: app.get(Db), broker, app, stop };
  } catch (error) {
    await drop();
    throw error;
  }
}
