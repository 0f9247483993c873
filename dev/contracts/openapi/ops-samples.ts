import type { Wiring } from '@tradepost/messaging';
import { PATH_METADATA } from '@nestjs/common/constants';
import type { Samples } from './examples';
import type { Route } from './routes';
import { at, ids, traceId } from './shop-samples';

interface Service {
  name: string;
  about: string;
  api?: string;
  /** Those of its API. */
  routes: readonly Route[];
}

/** Of the routes that each service has; what it is, and how it is. */
export function samplesOfService({ name, about, api, routes }: Service): Samples {
  const paths = routes.map(
    ({ controller }) => `/${Reflect.getMetadata(PATH_METADATA, controller) as string}`,
  );
  const info = { title: name, version: '0.1.0' };
  return {
    Root: {
      name,
      version: info.version,
      about,
      links: {
        ready: '/health/ready',
        openapi: '/openapi.json',
        routes: [...new Set(paths)].sort(),
      },
      docs: {
        api: api ?? 'docs/API.md',
        operations: 'docs/OPERATIONS.md',
        architecture: 'docs/ARCHITECTURE.md',
        console: 'docs/CONSOLE.md',
      },
    },
    Readiness: { status: 'ok', checks: { database: { status: 'ok' } } },
    'health.ready 503': { status: 'stopping', checks: {} },
    'openApi.get': { openapi: '3.1.1', info, paths: {} },
  };
}

const now = Date.parse(at(600_000));

/** Of a service with handlers: one of them, and two of its messages that the database failed. */
export function samplesOfOps(service: string, handler: Wiring): Samples {
  return { ...samplesOfDeadLetters(handler), ...samplesOfHandlers(service, handler) };
}

function samplesOfDeadLetters({ name, queue, contract }: Wiring): Samples {
  const { sample = {} } = (contract ?? {}) as { sample?: object };
  const failed = {
    queue,
    errorCode: 'error',
    handler: name,
    type: contract?.name ?? 'object',
    errorMessage: 'the database system is shutting down',
    firstFailedAt: at(250),
    lastFailedAt: at(156_250),
  };
  const replay = {
    id: '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e14',
    startedAt: now,
    by: 'ada',
    state: 'running',
    selected: 2,
    sent: 0,
    handled: 0,
    failedAgain: 0,
    waiting: 0,
    stayed: [],
    messages: [] as object[],
  };
  const going = {
    ...replay,
    ...{ operation: 1, rate: 50, sent: 1, handled: 1 },
    messages: [{ id: ids.id, queue, state: 'handled' }],
  };
  return {
    DeadLetterGroup: {
      ...failed,
      count: 2,
      trend: [...Array.from({ length: 23 }, () => 0), 2],
    },
    DeadLetterDetails: {
      id: ids.id,
      ...failed,
      attempts: 6,
      replays: 0,
      traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
      body: JSON.stringify(sample),
      headers: { 'x-attempts': 6 },
    },
    OperationResult: { operation: 1, done: 2, stayed: [] },
    'deadLetters.discard': { operation: 2, done: 2, stayed: [] },
    'deadLetters.undo': { operation: 3, done: 2, stayed: [] },
    OperationSummary: {
      ...{ operation: 1, action: 'replay', by: 'ada', at: at(600_000) },
      ...{ selection: { code: failed.errorCode }, taken: 2, done: 2, stayed: 0 },
    },
    ReplayPreview: { wouldSend: 2, invalid: [], unchecked: 0 },
    ReplayState: going,
    'replays.begin': replay,
    'replays.pause': { ...going, state: 'paused' },
    'replays.stop': { ...going, state: 'stopped' },
  };
}

function samplesOfHandlers(service: string, handler: Wiring): Samples {
  const { name, kind: pattern, queue, bindings } = handler;
  const contract = handler.contract?.name ?? 'object';
  // Who asks hears of a failure at once.
  const isRpc = pattern === 'rpc';
  const retry = isRpc ? [] : handler.retry;
  const state = {
    ...{ name, pattern, contract, queue, paused: false, prefetch: 64, inHand: 1, heldForMs: 3 },
    ...{ handled: 1204, retried: isRpc ? 0 : 12, deadLettered: isRpc ? 0 : 2 },
    ...{ p50Ms: 4, p99Ms: 19, waitedMs: 6 },
  };
  const args = isRpc ? {} : { 'x-queue-type': 'quorum' };
  return {
    HandlerState: state,
    'service.pause': { ...state, paused: true, inHand: 0, heldForMs: 0 },
    ServiceState: {
      name: service,
      instance: `${service}-1:4021`,
      stopping: false,
      startedAt: now - 3_600_000,
      node: 'v20.20.0',
      memory: { rssBytes: 134_217_728, heapUsedBytes: 58_720_256 },
      cpu: 0.12,
      eventLoopDelayMs: 11,
      outboxLagSeconds: 0,
      sent: [],
      handlers: [state],
    },
    HeldKey: {
      ...{ queue, key: ids.id, waiting: 3, messageId: '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e15' },
      ...{ state: 'retrying', heldSince: at(600_000), nextTryAt: at(630_000) },
    },
    DeclaredMessaging: {
      service,
      mode: 'simple',
      handlers: [{ name, pattern, contract, queue, bindings, retry }],
      sends: [],
      topology: {
        exchanges: bindings.map(({ exchange, type }) => ({ name: exchange, type })),
        queues: [queue, ...(isRpc ? [] : [`${queue}.dead`])].map((one) => ({ name: one, args })),
        bindings: bindings.map(({ exchange, key }) => ({ exchange, queue, key })),
      },
    },
    'health.ready': {
      status: 'ok',
      checks: { broker: { status: 'ok' }, database: { status: 'ok' } },
      warnings: isRpc ? [] : [`${queue}.dead: 2 dead letters`],
      figures: {
        outboxLagSeconds: 0,
        deadLetters: isRpc ? {} : { [`${queue}.dead`]: 2 },
        paused: [],
        held: {},
        lateReplies: 0,
        droppedLogLines: 0,
      },
    },
  };
}
