import { Logger, type Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { PoolerInBetween } from '@tradepost/database';
import {
  PermissionMissing,
  printableLines,
  ServiceHandlers,
  TopologyRefused,
} from '@tradepost/messaging';
import type { ServerResponse } from 'node:http';
import { createService } from './create-service';
import { UndeclaredRoute } from './auth/authenticate';
import { BadConfig } from './config/read-config';
import { ServerConfig } from './config/server-config';
import { Drain } from './health/drain';
import { serviceOptionsOf } from './service.module';
import { telemetry } from './telemetry/telemetry';

/** The last line reaches the topic in this time, or not at all: then the process ends. */
const exitDelayMs = 250;
/** A terminal and a parent may each pass on one Ctrl-C: signals within this time are one. */
const sameSignalMs = 1_000;

/**
 * The whole of a service's main: creates it, listens, stops it on SIGINT and SIGTERM. Exit codes:
 * 0 after a clean stop, 1 when the start or the stop fails or an error is not caught.
 */
export async function runService(module: Type): Promise<void> {
  const logger = new Logger(runService.name);
  endOnUncaught(logger);
  telemetry?.identify(serviceOptionsOf(module).name);
  const endCreation = endOnSignals(logger);
  try {
    const app = await createService(module, process.env);
    const { PORT, HOST } = app.get(ServerConfig);
    const listening = app.listen(PORT, HOST);
    endCreation();
    const stopping = stopOnSignals(app, logger, listening);
    try {
      await listening;
    } catch (error) {
      // A start that was called off may fail: the stop says how it ends.
      if (stopping.aborted) return;
      throw error;
    }
    if (stopping.aborted) return;
    logger.log('service listens', { url: await app.getUrl() });
    if (serviceOptionsOf(module).broker !== false) await warnOfUnlisted(app, module, logger);
  } catch (error) {
    // A typing error or a port that is taken needs no stack.
    const why = explain(error, serviceOptionsOf(module).name);
    process.stderr.write(`${printableLines(why)}\n`);
    process.exit(1);
  }
}

async function warnOfUnlisted(
  app: NestFastifyApplication,
  module: Type,
  logger: Logger,
): Promise<void> {
  for (const unlisted of await app.get(ServiceHandlers).unlisted(module)) {
    logger.warn('handler never runs: no module provides it', unlisted);
  }
}

const mendPermission = 'Or declare what is missing as a user who may: `npm run topology -- apply`.';
const mendTopology = '`npm run topology -- plan` shows it; `npm run topology -- apply` mends it.';

function explain(error: unknown, name: string): string {
  if (error instanceof BadConfig) return error.message;
  if (error instanceof UndeclaredRoute) return `${name} cannot start: ${error.message}`;
  if (error instanceof TopologyRefused) return `${error.message}\n${mendTopology}`;
  if (error instanceof PoolerInBetween) return `${name} cannot start: ${error.message}`;
  if (error instanceof PermissionMissing) {
    return `${name} cannot start: ${error.message}\n${mendPermission}`;
  }
  const { code, port } = error as { code?: string; port?: number };
  if (code === 'EADDRINUSE') return `${name} cannot start: port ${port} is taken (set PORT)`;
  if (code === 'EACCES') return `${name} cannot start: port ${port} is not allowed (set PORT)`;
  return `${name} cannot start: ${error instanceof Error ? error.stack : String(error)}`;
}

function endOnUncaught(logger: Logger): void {
  let ending = false;
  const end = (what: string, error: unknown): void => {
    logger.fatal(what, { error });
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(1), exitDelayMs);
  };
  process.on('uncaughtException', (error) => end('uncaught exception', error));
  process.on('unhandledRejection', (reason) => end('unhandled rejection', reason));
}

/** While there is nothing yet to close. @returns leaves signals to others */
function endOnSignals(logger: Logger): () => void {
  const end = (signal: NodeJS.Signals): void => {
    logger.log('service stops', { signal });
    process.exit(0);
  };
  process.on('SIGINT', end).on('SIGTERM', end);
  return () => process.off('SIGINT', end).off('SIGTERM', end);
}

/** @returns aborted from the first signal on */
function stopOnSignals(
  app: NestFastifyApplication,
  logger: Logger,
  listening: Promise<unknown>,
): AbortSignal {
  const stopping = new AbortController();
  const drain = app.get(Drain);
  let askedAt: number | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (askedAt === undefined) {
      stopping.abort();
      void stopInTime({ app, drain, logger, signal, listening });
    } else if (now - askedAt <= sameSignalMs) return;
    // A second request to stop means: now.
    else if (drain.isWaiting) drain.cut();
    else process.exit(1);
    askedAt = now;
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return stopping.signal;
}

interface Stop {
  app: NestFastifyApplication;
  drain: Drain;
  logger: Logger;
  signal: NodeJS.Signals;
  listening: Promise<unknown>;
}

async function stopInTime({ app, drain, logger, signal, listening }: Stop): Promise<void> {
  const { SHUTDOWN_DELAY_MS: delayMs, SHUTDOWN_TIMEOUT_MS: timeoutMs } = app.get(ServerConfig);
  logger.log('service stops', { signal, ...(delayMs > 0 && { delayMs }) });
  if (delayMs > 0) {
    closeConnections(app);
    await drain.wait(delayMs);
  }
  setTimeout(() => {
    logger.error('stop times out', { timeoutMs });
    process.exit(1);
  }, timeoutMs);
  try {
    // One that closes while it starts would start what is closed.
    await listening.catch(() => undefined);
    await app.close();
    await telemetry?.stop();
    logger.log('service stopped');
    process.exit(0);
  } catch (error) {
    logger.error('stop failed', { error });
    process.exit(1);
  }
}

/** Each with its next answer, which says so: a client sends no request into a closed one. */
function closeConnections(app: NestFastifyApplication): void {
  const server = app.getHttpServer();
  server.prependListener('request', (_request, response: ServerResponse) => {
    response.shouldKeepAlive = false;
  });
}
