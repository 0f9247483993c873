import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { audit, type Report } from '../../../ops/audit/audit';
import type { Options } from './options';
import { Customers } from './customers';
import { outcomesOf, type Outcomes } from './outcomes';
import { plansOf } from './plans';
import { heldByQueues } from './queues';
import { ReadinessWatch } from './readiness-watch';
import type { Fault } from './schedule';
import { settle } from './settle';
import { Strikes, type Strike } from './strikes';
import type { Crash, System } from './system';
import { targetsOf } from './targets';
import { testimonyOf, type Testimony } from './testimony';

/** All that is known after a run. */
export interface Run {
  accepted: number;
  outcomes: Outcomes;
  testimony: Testimony;
  audited: Report;
  strikes: Strike[];
  crashes: Crash[];
  /** What customers complain about. */
  complaints: string[];
  /** What had not settled within the bound. */
  unsettled: string[];
  loadMs: number;
  settleMs: number;
}

const settleWithinMs = 60_000;
/** A slow machine may take so much longer than the faults to take an order. */
const loadWithinMsPerOrder = 200;
/** The load goes on a little after the last fault has begun. */
const afterLastMs = 3_000;

/** The load and the faults, then quiet, then the accounts. */
export async function runOn(
  system: System,
  { options, schedule, say }: { options: Options; schedule: Fault[]; say: (line: string) => void },
  signal: AbortSignal,
): Promise<Run> {
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  // Everybody who waits listens to it.
  setMaxListeners(0, either);
  const watch = new ReadinessWatch(system, either);
  const beganMs = performance.now();
  const clock = () => Math.round(performance.now() - beganMs);
  const strikes = new Strikes(
    system,
    watch,
    { clock, say, targets: targetsOf(options.scale) },
    either,
  );
  const customers = new Customers({
    plans: plansOf({ seed: options.seed, orders: options.orders }),
    urls: system.of('orders').all.map(({ url }) => url),
    spanMs: (schedule.at(-1)?.atMs ?? 0) + afterLastMs,
    run: `chaos-${options.seed}`,
    signal: either,
  });
  try {
    const answered = customers.all();
    await strikes.play(schedule);
    await within(answered, options.orders * loadWithinMsPerOrder, either);
    signal.throwIfAborted();
    const loadMs = clock();
    say('all healed; settling');
    const bound = { withinMs: settleWithinMs, say, signal };
    const unsettled = await settle({ system, watch, answered, ...bound });
    const settleMs = clock() - loadMs;
    // All are ready: what is left is to have seen it.
    if (unsettled.length === 0) await strikes.recovered();
    else unsettled.push(...(await heldByQueues(system).catch((error: unknown) => [String(error)])));
    const accounts = await accountsOf(system, customers);
    const { crashes } = system;
    return { ...accounts, strikes: strikes.all, crashes, unsettled, loadMs, settleMs };
  } finally {
    ended.abort();
  }
}

async function within(done: Promise<void>, ms: number, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const late = delay(ms, undefined, { signal: AbortSignal.any([signal, over.signal]) });
  await Promise.race([done, late.catch(() => undefined)]);
  over.abort();
}

async function accountsOf(system: System, customers: Customers) {
  const { accepted, placed } = customers;
  const outcomes = await outcomesOf(placed, system.url('orders'));
  const testimony = await testimonyOf(system);
  const audited = await audit(system.endpoints, { accepted, settled: true, orderDeadlineMs: 0 });
  const complaints = placed.flatMap(({ plan, complaints: said }) =>
    said.map((complaint) => `customer ${plan.number}: ${complaint}`),
  );
  return { accepted: accepted.length, outcomes, testimony, audited, complaints };
}
