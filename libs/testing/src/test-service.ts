import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Db } from '@tradepost/database';
import { createService, type ServiceConfig } from '@tradepost/service';
import { TestBroker } from './test-broker';
import { createTestDatabase } from './test-database';
import { untilReady } from './until-ready';

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
  let app: NestFastifyApplication | undefined;
  const stop = async () => {
    await app?.close();
    await Promise.all([broker.close(), database.drop()]);
  };
  try {
    app = await createService(module, {
      name,
      config,
      env: {
        HOST: '127.0.0.1',
        LOG_LEVEL: 'error',
        LOG_FORMAT: 'text',
        AMQP_URL: broker.amqpUrl,
        POSTGRES_URL: database.serviceUrl,
        POSTGRES_POOL_MAX: '5',
        ...env,
      },
    });
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    await untilReady(url, { withinMs: 20_000 });
    return { url, db: app.get(Db), broker, app, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
