import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { audit } from '../../../ops/audit/audit';
import { Customers } from './customers';
import { FaultInjector } from './fault-injector';
import type { Options } from './options';
import { outcomesOf } from './outcomes';
import { probeReportOf } from './probe-report';
import { purchasesOf } from './purchases';
import { targetsOf, type ScheduledFault } from './schedule';
import { settle } from './settle';
import type { System } from './system';

/** All that is known after a run. */
export type Run = Awaited<ReturnType<typeof runOn>>;

export interface RunOptions {
  options: Options;
  schedule: ScheduledFault[];
  say: (line: string) => void;
  signal: AbortSignal;
}

/** A slow machine may take so much longer than the faults to take an order. */
const loadWithinMsPerOrder = 200;
/** The load goes on a little after the last fault has begun. */
const afterLastMs = 3_000;

/** The load and the faults, then quiet, then the accounts. */
export async function runOn(system: System, { options, ...more }: RunOptions) {
  const { schedule, say, signal: given } = more;
  const ended = new AbortController();
  const signal = AbortSignal.any([given, ended.signal]);
  // Everything that waits listens to it.
  setMaxListeners(0, signal);
  const beganMs = performance.now();
  const clock = () => Math.round(performance.now() - beganMs);
  const targets = targetsOf(options.scale, options.nodes);
  const injector = new FaultInjector({ system, targets, clock, say, signal });
  const customers = new Customers({
    purchases: purchasesOf(options),
    urls: system.of('orders').all.map(({ url }) => url),
    spanMs: (schedule.at(-1)?.atMs ?? 0) + afterLastMs,
    run: `chaos-${options.seed}`,
    signal,
  });
  try {
    const answered = customers.all();
    await injector.run(schedule);
    const overMs = options.orders * loadWithinMsPerOrder;
    await Promise.race([answered, delay(overMs, undefined, { signal }).catch(() => undefined)]);
    given.throwIfAborted();
    const loadMs = clock();
    say('all healed; settling');
    const unsettled = await settle(system, answered, { say, signal: given });
    const settleMs = clock() - loadMs;
    // All are ready: what is left is to have seen it.
    if (unsettled.length === 0) await injector.recovered();
    const accounts = await accountsOf(system, customers);
    const { crashes } = system;
    return { ...accounts, loadMs, settleMs, faults: injector.injected, crashes, unsettled };
  } finally {
    ended.abort();
  }
}

async function accountsOf(system: System, { placed }: Customers) {
  const accepted = placed.flatMap(({ ids }) => [...ids]);
  return {
    accepted: accepted.length,
    outcomes: await outcomesOf(placed, system.url('orders')),
    probe: await probeReportOf(system),
    audited: await audit(system.endpoints, { accepted, settled: true, orderDeadlineMs: 0 }),
    problems: placed.flatMap(({ purchase, problems }) =>
      problems.map((problem) => `customer ${purchase.number}: ${problem}`),
    ),
  };
}
