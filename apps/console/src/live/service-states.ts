import type { HandlerState, InstanceState, ServiceState } from '../api/live';
import type { Instance } from './instances';
import type { ServiceReport } from './report';

/** @param up its processes that answer @param all those, and those that do not */
export function serviceState(
  name: string,
  up: readonly Instance[],
  all: readonly Instance[],
  rateOf: (instance: string, queue: string) => number,
): ServiceState {
  const healths = up.flatMap(({ health }) => health.current ?? []);
  const reports = up.flatMap(({ url, report }) => {
    return report.current ? [{ url, report: report.current }] : [];
  });
  const lags = reports.flatMap(({ report }) => report.outboxLagSeconds ?? []);
  return {
    name,
    state: stateOf(up, healths),
    problems: problemsOf(up, all, healths),
    warnings: [...new Set(healths.flatMap(({ warnings = [] }) => warnings))],
    outboxLagSeconds: lags.length === 0 ? null : Math.max(...lags),
    instances: reports.map(({ url, report }) => instanceState(url, report, rateOf)),
  };
}

type Healths = NonNullable<Instance['health']['value']>[];

function stateOf(up: readonly Instance[], healths: Healths): ServiceState['state'] {
  if (up.length === 0) return 'down';
  if (healths.some(({ status }) => status === 'failing')) return 'failing';
  const areStopping = healths.length > 0 && healths.every(({ status }) => status === 'stopping');
  return areStopping ? 'stopping' : 'ready';
}

function problemsOf(up: readonly Instance[], all: readonly Instance[], healths: Healths): string[] {
  const said = healths.flatMap(({ checks = {} }) =>
    Object.entries(checks).flatMap(([part, check]) =>
      (check?.problems ?? []).map((problem) => `${part}: ${problem}`),
    ),
  );
  const silent = all
    .filter((one) => !up.includes(one) && one.report.problem !== undefined)
    .map(({ report, url }) => report.problem ?? url);
  // Of several addresses one process answers at each: those that do not answer are no news then.
  const hidden = up.flatMap(({ report }) => report.problem ?? []);
  return [...new Set([...said, ...hidden, ...(up.length === 0 ? silent : [])])];
}

function instanceState(
  url: string,
  report: ServiceReport,
  rateOf: (instance: string, queue: string) => number,
): InstanceState {
  const { instance: id, startedAt, node, memory, cpu, eventLoopDelayMs, handlers } = report;
  return {
    id,
    url,
    startedAt: typeof startedAt === 'number' ? startedAt : Date.parse(startedAt),
    node,
    memory,
    cpu,
    eventLoopDelayMs,
    handlers: handlers.map((handler): HandlerState => {
      return { ...handler, rate: rateOf(id, handler.queue) };
    }),
  };
}
