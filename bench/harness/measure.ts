import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { machineBusyMs, processes, proportionalMiB, serverProcesses } from './processes';
import type { Figures } from './work';

/** The processes of a system, by what they are for. */
export type Pids = Record<string, number>;

export interface Measured<T> {
  result: T;
  ms: number;
  /** CPU milliseconds of each service, of `postgres`, `broker` and `client`; not without /proc. */
  cpu?: Record<string, number>;
  /** The share of this machine that others took meanwhile. */
  foreign?: number;
}

/**
 * What `work` takes, and whom: the services of `pids`, the servers, and this process.
 * @param root the process that started the servers; this one, unless given
 */
export async function measure<T>(
  pids: Pids,
  work: () => Promise<T>,
  root = process.pid,
): Promise<Measured<T>> {
  const before = cpuMs(pids, root);
  const busyBefore = before && machineBusyMs();
  const startedMs = performance.now();
  const result = await work();
  const ms = performance.now() - startedMs;
  const after = cpuMs(pids, root);
  if (!before || !after || busyBefore === undefined) return { result, ms };
  const busyMs = machineBusyMs() - busyBefore;
  const names = Object.keys(after);
  const cpu = Object.fromEntries(
    names.map((name) => [name, (after[name] ?? 0) - (before[name] ?? 0)]),
  );
  const foreign = Math.max(busyMs - sum(Object.values(cpu)), 0) / (ms * availableParallelism());
  return { result, ms, cpu, foreign };
}

/** CPU milliseconds a unit: all but the client's in `cpuMs`, then by group and by service. */
export function cpuFigures({ cpu, foreign }: Measured<unknown>, units: number): Figures {
  if (!cpu) return {};
  const { client = 0, postgres, broker, ...services } = cpu;
  const each = (ms: number | undefined) => ms && ms / units;
  // Without the servers' share, as where another user runs them, the sum would mislead.
  const known = postgres !== undefined && broker !== undefined;
  const all = known ? sum([postgres, broker, ...Object.values(services)]) : undefined;
  return {
    cpuMs: each(all),
    cpu: {
      services: sum(Object.values(services)) / units,
      postgres: each(postgres),
      broker: each(broker),
      client: client / units,
    },
    cpuOfService: Object.fromEntries(
      Object.entries(services).map(([name, ms]) => [name, ms / units]),
    ),
    foreign,
  };
}

/** Resident MiB of each, of the broker, and of all of PostgreSQL together; not without /proc. */
export function memory(pids: Pids, root = process.pid): Record<string, number> {
  const all = processes();
  if (!all) return {};
  const used: Record<string, number> = {};
  for (const [name, pid] of Object.entries(pids)) {
    const found = all.find((one) => one.pid === pid);
    if (found) used[name] = found.rssMiB;
  }
  for (const [name, members] of Object.entries(serverProcesses(all, root))) {
    // Backends share most of theirs: each page counts once.
    const shares = members.map(({ pid }) => proportionalMiB(pid));
    if (members.length > 0) used[name] = sum(shares);
  }
  return used;
}

/** Resolves when a second has passed in which the machine did little, or after `withinMs`. */
export async function quiet({ withinMs }: { withinMs: number }): Promise<void> {
  if (!processes()) return;
  const busyMaxMs = availableParallelism() * 100;
  for (const until = performance.now() + withinMs; performance.now() < until;) {
    const before = machineBusyMs();
    await delay(1_000);
    if (machineBusyMs() - before < busyMaxMs) return;
  }
}

/** `{ p50Ms, p99Ms }` of what took so long. */
export function percentiles(tookMs: number[]): { p50Ms: number; p99Ms: number } {
  const sorted = tookMs.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? NaN;
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}

function cpuMs(pids: Pids, root: number): Record<string, number> | undefined {
  const all = processes();
  if (!all) return undefined;
  const used: Record<string, number> = { client: all.find(isUs)?.cpuMs ?? 0 };
  for (const [name, pid] of Object.entries(pids)) {
    used[name] = all.find((one) => one.pid === pid)?.cpuMs ?? 0;
  }
  for (const [name, members] of Object.entries(serverProcesses(all, root))) {
    // What a backend used that has ended is in its parent's.
    if (members.length > 0) used[name] = sum(members.map((one) => one.cpuMs + one.endedCpuMs));
  }
  return used;
}

const isUs = ({ pid }: { pid: number }) => pid === process.pid;

const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0);
