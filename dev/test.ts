// `npm test [-- jest's arguments]`: one broker and one database for the whole run, then jest.
// Without arguments all but the slow suites; who names some gets them, slow or not.
import { spawn } from 'node:child_process';
import { provideBroker, provideDatabase } from './local/provide';
import { type Broker, type Database } from './local/types';
import { runCommand } from '../ops/shop/run-command';
import { elapsed } from './time';

async function main(): Promise<number> {
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => abort.abort(new Error(`stopped by ${signal}`)));
  }
  const { signal } = abort;
  const options = { log: console.log, signal };
  const giveUp = (error: unknown): never => {
    abort.abort(error);
    throw error;
  };
  const providing = [
    provideBroker(options).catch(giveUp),
    provideDatabase({ ...options, dockerFirst: true }).catch(giveUp),
  ] as const;
  // Both, before either's failure is thrown: what has started by then must be stopped.
  const started = await Promise.allSettled(providing);
  try {
    signal.throwIfAborted();
    const [broker, database] = await Promise.all(providing);
    console.log(`RabbitMQ: ${broker.how}\nPostgreSQL: ${database.how}`);
    if (broker.version === undefined) {
      throw new Error('Tests need the broker’s management API: set AMQP_MANAGEMENT_URL.');
    }
    console.log(`Broker and database are there (${elapsed()}). Tests:`);
    return await jest(broker, database, signal);
  } finally {
    const running = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    await Promise.allSettled(running.map((server) => server.stop()));
    console.log(`Ran for ${elapsed()}.`);
  }
}

function jest(broker: Broker, database: Database, signal: AbortSignal): Promise<number> {
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
