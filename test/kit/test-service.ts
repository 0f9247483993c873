import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Db } from '@tradepost/database';
import type { ServiceConfig } from '@tradepost/service';
import { TestBroker } from './test-broker';
import { createTestDatabase } from './test-database';
import { listen } from './test-server';

export interface TestServiceOptions {
  /** The app's folder in apps/: its migrations are applied. */
  name: string;
  config: new () => ServiceConfig;
  /** Beyond, or instead of, what a service under test is given: quiet logs, a free port. */
  env?: Record<string, string>;
}

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
 */
export async function testService(
  module: Type,
  { name, config, env = {} }: TestServiceOptions,
): Promise<TestService> {
  const [broker, database] = await Promise.all([TestBroker.create(), createTestDatabase(name)]);
  const drop = () => Promise.all([broker.close(), database.drop()]);
  try {
    const given = { AMQP_URL: broker.amqpUrl, ...env };
    const app = await listen(module, { name, config }, database, given);
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
