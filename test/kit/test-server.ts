import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Db } from '@tradepost/database';
import { createService, serviceOptionsOf } from '@tradepost/service';
import { createTestDatabase, type TestDatabase } from './test-database';
import { untilReady } from './until-ready';

export interface TestServer {
  /** Of its HTTP API, without a slash at the end. */
  url: string;
  db: Db;
  app: NestFastifyApplication;
  /** Stops it as SIGTERM would, then drops its database. */
  stop(): Promise<void>;
}

/**
 * A server without a broker, in this process, alone on a database; resolves when it is ready.
 * @param env beyond, or instead of, what a server under test is given: quiet logs, a free port
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
    const app = await listen(module, database, env);
    const stop = async () => {
      await app.close();
      await drop();
    };
    return { url: await app.getUrl(), db: app.get(Db), app, stop };
  } catch (error) {
    await drop();
    throw error;
  }
}

/** Resolves when it is ready. @throws after it has closed what it had opened */
export async function listen(
  module: Type,
  database: TestDatabase,
  env: Record<string, string>,
): Promise<NestFastifyApplication> {
  const app = await createService(module, {
    HOST: '127.0.0.1',
    LOG_LEVEL: 'error',
    LOG_FORMAT: 'text',
    POSTGRES_URL: database.serviceUrl,
    POSTGRES_POOL_MAX: '5',
    ...env,
  });
  try {
    await app.listen(0, '127.0.0.1');
    await untilReady(await app.getUrl(), { withinMs: 20_000 });
    return app;
  } catch (error) {
    await app.close();
    throw error;
  }
}
