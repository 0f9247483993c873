import { resolve } from 'node:path';
import { apps, gateway } from '../apps/services';
import { migrateApp } from '../ops/migrate/migrate-app';
import { readArguments } from '../ops/shop/arguments';
import { runCommand } from '../ops/shop/run-command';
import { isFree } from './local/ports';
import { provideDatabase } from './local/provide';
import { gatewaySecret } from './start/gateway-secret';
import { say } from './start/lines';
import { RunningService } from './start/service';
import { stopOnSignals } from './start/signals';

/** Beside that of `npm start`, which may be running. */
const dataFolder = '.tradepost/sandbox-gateway';
const readyMs = 30_000;

const usage = `Usage: npm run sandbox-gateway
The payment gateway as a server of its own, until Ctrl-C, for a shop that is started apart from it.
It has no options, but variables; docs/CONFIGURATION.md has them all:
  PORT          ${apps[gateway].port} unless set
  CALLBACK_URL  where payments hears of what becomes of a charge
Example: PENDING_RATE=0.5 npm run sandbox-gateway`;

const { env } = process;

async function main(): Promise<void> {
  readArguments({});
  const port = Number(env.PORT || apps[gateway].port);
  if (!(await isFree(port))) throw new Error(`Port ${port} is taken; choose another: PORT=4005`);
  const abort = new AbortController();
  const { signal } = abort;
  const closing = new Promise((done) => signal.addEventListener('abort', done));
  stopOnSignals((why) => abort.abort(new Error(why)));
  const options = { dataFolder: resolve(dataFolder), log: say, signal };
  const database = await provideDatabase({ ...options, ports: { postgres: 5433 } });
  say(`PostgreSQL: ${database.how}`);
  let server: RunningService | undefined;
  try {
    const password = env.POSTGRES_SERVICE_PASSWORD || 'tradepost';
    const url = await migrateApp(gateway, { adminUrl: database.url, password, log: say });
    const secret = await gatewaySecret();
    const callbackUrl =
      env.CALLBACK_URL || `http://localhost:${apps.payments.port}/v1/gateway-callbacks`;
    server = new RunningService({
      name: gateway,
      port,
      env: {
        ...{ POSTGRES_URL: url, CALLBACK_URL: callbackUrl, CALLBACK_SECRET: secret },
        ...{ HOST: '127.0.0.1', AUTH: 'none' },
      },
      onRestart: () => undefined,
      onGivenUp: (error) => {
        process.exitCode = 1;
        abort.abort(error);
      },
    });
    process.on('exit', () => server?.killNow());
    server.start();
    await server.untilReady({ withinMs: readyMs, signal });
    say(`Callbacks go to ${callbackUrl}. Give payments:`);
    say(`  GATEWAY_URL=http://localhost:${port}`);
    say(`  GATEWAY_CALLBACK_SECRET=${secret}`);
    await closing;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    if (signal.aborted) say(`${(signal.reason as Error).message}: stopping`);
    await server?.stop();
    await database.stop();
  }
}

runCommand(usage, main);
