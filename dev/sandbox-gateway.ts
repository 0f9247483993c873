// `npm run sandbox-gateway`: the payment gateway as a server of its own, until Ctrl-C, for a shop
// that is started apart from it. Its rates are variables of its environment: docs/CONFIGURATION.md.
import { resolve } from 'node:path';
import { type Database } from './local/kinds';
import { eventually } from './eventually';
import { isFree } from './local/ports';
import { provideDatabase } from './local/provide';
import { gatewaySecret } from './start/gateway-secret';
import { apps, gateway } from '../apps/services';
import { migrateApp } from '../ops/migrate/migrate-app';
import { say } from './start/lines';
import { RunningService } from './start/service';
import { stopOnSignals } from './start/signals';

/** Beside that of `npm start`, which may be running. */
const dataFolder = '.tradepost/sandbox-gateway';
const drainMs = 4_000;
const drainKillMs = 5_500;

const { env } = process;

async function main(): Promise<void> {
  const port = Number(env.PORT || apps[gateway].port);
  if (!(await isFree(port))) throw new Error(`Port ${port} is taken; choose another: PORT=4005`);
  const abort = new AbortController();
  const closing = new Promise<Error>((done) => {
    abort.signal.addEventListener('abort', () => done(abort.signal.reason as Error));
  });
  stopOnSignals((why) => abort.abort(new Error(why)));
  const database = await provideDatabase({
    dataFolder: resolve(dataFolder),
    ports: { postgres: 5433 },
    log: say,
    signal: abort.signal,
  });
  const server = await start(port, database, abort).catch(async (error: unknown) => {
    await database.stop();
    throw error;
  });
  process.on('exit', () => server.killNow());
  const { message } = abort.signal.aborted ? (abort.signal.reason as Error) : await closing;
  say(`${message}: stopping`);
  await server.stop(drainKillMs);
  await database.stop();
}

async function start(
  port: number,
  database: Database,
  abort: AbortController,
): Promise<RunningService> {
  say(`PostgreSQL: ${database.how}`);
  const password = env.POSTGRES_SERVICE_PASSWORD || 'tradepost';
  const url = await migrateApp(gateway, { adminUrl: database.url, password, log: say });
  const secret = await gatewaySecret();
  const callbackUrl =
    env.CALLBACK_URL || `http://localhost:${apps.payments.port}/v1/gateway-callbacks`;
  const server = new RunningService({
    name: gateway,
    port,
    env: {
      POSTGRES_URL: url,
      CALLBACK_URL: callbackUrl,
      CALLBACK_SECRET: secret,
      LOG_FORMAT: env.LOG_FORMAT ?? 'text',
      SHUTDOWN_TIMEOUT_MS: String(drainMs),
    },
    onRestart: () => undefined,
    onGivenUp: (error) => {
      process.exitCode = 1;
      abort.abort(error);
    },
  });
  server.start();
  await untilReady(server, abort.signal);
  say(`Callbacks go to ${callbackUrl}. Give payments:`);
  say(`  GATEWAY_URL=http://localhost:${port}`);
  say(`  GATEWAY_CALLBACK_SECRET=${secret}`);
  return server;
}

async function untilReady(server: RunningService, signal: AbortSignal): Promise<void> {
  await eventually(
    async () => {
      if (signal.aborted) return;
      const timeout = AbortSignal.timeout(3_000);
      const response = await fetch(`${server.url}/health/ready`, { signal: timeout });
      if (!response.ok) throw new Error(`${server.url} is not ready: ${response.status}`);
    },
    { withinMs: 30_000, everyMs: 100 },
  );
  server.wasReady = true;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
