// `npm test [-- jest's arguments]`: one broker and one database for the whole run, then jest.
// Without arguments all but the slow suites; who names some gets them, slow or not.
import { spawn } from 'node:child_process';
import { provideBroker, provideDatabase } from './local/provide';
import { type Broker, type Database } from './local/types';
import { runCommand } from '../ops/shop/run-command';
import { elapsed } from './time';

interface Servers {
  broker: Broker;
  database: Database;
}

async function main(): Promise<number> {
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => abort.abort(new Error(`stopped by ${signal}`)));
  }
  const stops: (() => Promise<void>)[] = [];
  try {
    const servers = await provide(abort, stops);
    console.log(`Broker and database are there (${elapsed()}). Tests:`);
    return await jest(servers, abort.signal);
  } finally {
    await Promise.allSettled(stops.map((stop) => stop()));
    console.log(`Ran for ${elapsed()}.`);
  }
}

async function provide(abort: AbortController, stops: (() => Promise<void>)[]): Promise<Servers> {
  const options = { log: console.log, signal: abort.signal };
  const kept = async <T extends Broker | Database>(name: string, providing: Promise<T>) => {
    try {
      const server = await providing;
      stops.push(() => server.stop());
      console.log(`${name}: ${server.how}`);
      return server;
    } catch (error) {
      abort.abort(error);
      throw error;
    }
  };
  const broker = kept('RabbitMQ', provideBroker(options));
  const database = kept('PostgreSQL', provideDatabase({ ...options, dockerFirst: true }));
  // Both, before either's failure is thrown: what has started by then must be stopped.
  await Promise.allSettled([broker, database]);
  abort.signal.throwIfAborted();
  const servers = { broker: await broker, database: await database };
  if (servers.broker.version !== undefined) return servers;
  throw new Error('Tests need the broker’s management API: set AMQP_MANAGEMENT_URL.');
}

function jest({ broker, database }: Servers, signal: AbortSignal): Promise<number> {
  const args = process.argv.slice(2);
  const child = spawn(
    process.execPath,
    ['node_modules/jest/bin/jest.js', ...(args.length > 0 ? args : ['--ignoreProjects', 'slow'])],
    {
      stdio: 'inherit',
      env: {
        ...process.env,
        AMQP_URL: broker.url,
        AMQP_MANAGEMENT_URL: broker.managementUrl,
        POSTGRES_URL: database.url,
      },
    },
  );
  signal.addEventListener('abort', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

runCommand(main);
