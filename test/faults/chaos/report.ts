import { seconds } from '../harness/command';
import type { InjectedFault } from './fault-injector';
import { commandOf, type Options } from './options';
import type { Run } from './run';
import { nameOf, targetsOf, type ScheduledFault, type Target } from './schedule';

const failuresShown = 25;

/** @returns why the run has failed, a sentence each; none when it has passed */
export function failuresOf(run: Run, targets: readonly Target[]): string[] {
  const { outcomes, probe, faults, crashes } = run;
  const failures: string[] = [];
  if (run.accepted === 0) failures.push('no order was accepted');
  if (!faults.some(({ problem }) => problem === undefined)) failures.push('no fault happened');
  if (probe.heard === 0) failures.push('the probe has heard nothing');
  const isKilled = faults.some(({ fault }) => fault.target === 'probe' && fault.kind === 'kill');
  // Without any copy all would look the same without the inbox.
  if (isKilled && probe.copies === 0) failures.push('no copy has come to the probe');
  failures.push(...run.unsettled.map((what) => `not settled: ${what}`));
  const { violations } = run.audited;
  failures.push(...violations.map((one) => `${one.rule}: ${one.subject}: ${one.detail}`));
  failures.push(...outcomes.violations, ...probe.missing, ...probe.wrong, ...run.problems);
  for (const { fault, problem } of faults) {
    if (problem) failures.push(`${nameOf(fault, targets)}: ${problem}`);
  }
  for (const { name, exit } of crashes) {
    failures.push(`${name} ended by itself: ${exit.signal ?? `code ${exit.code}`}`);
  }
  return failures;
}

export function scheduleLines(schedule: ScheduledFault[], targets: readonly Target[]): string[] {
  return schedule.map(
    (fault) => `${lineOf(fault.atMs, fault, targets)} for ${seconds(fault.forMs)} s`,
  );
}

/** Lines of at most 100 columns, but for the failures. */
export function reportLines(run: Run, options: Options): string[] {
  const { accepted, outcomes, probe, audited, faults, crashes, loadMs, settleMs } = run;
  const targets = targetsOf(options.scale, options.nodes);
  const failures = failuresOf(run, targets);
  const states = Object.entries(outcomes.byStatus).sort(([, a], [, b]) => b - a);
  return [
    `orders    ${accepted} accepted: ${states.map(([s, count]) => `${count} ${s}`).join(', ')}`,
    `faults    ${faults.length}: ${kindsOf(faults)}`,
    ...recoveryLines(faults, targets),
    `probe     ${probe.heard} messages heard, ${probe.copies} copies refused`,
    `audit     ${audited.orders} orders, ${audited.payments} payments, ` +
      `${audited.charges} charges, ${audited.entries} entries, ` +
      `${audited.deadLetters} dead letters: ${audited.violations.length} violations`,
    `crashes   ${crashes.length}`,
    `took      ${seconds(loadMs)} s of load and faults, ${seconds(settleMs)} s to settle`,
    `rate      ${((accepted / loadMs) * 1_000).toFixed(1)} orders/s`,
    failures.length === 0 ? 'passed' : `FAILED: ${failures.length} failures`,
    ...failures.slice(0, failuresShown).map((failure) => `  ${failure}`),
    ...(failures.length > failuresShown ? [`  and ${failures.length - failuresShown} more`] : []),
    `again     ${commandOf(options)}`,
  ];
}

function kindsOf(faults: InjectedFault[]): string {
  const counts = new Map<string, number>();
  for (const { fault } of faults) counts.set(fault.kind, (counts.get(fault.kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
}

function recoveryLines(faults: InjectedFault[], targets: readonly Target[]): string[] {
  const times = faults.map(({ recoveryMs }) => recoveryMs ?? Infinity).sort((a, b) => a - b);
  const median = seconds(times[Math.floor(times.length / 2)] ?? 0);
  const lines = faults.map(({ fault, beganMs, recoveryMs }) => {
    const took = recoveryMs === undefined ? 'never' : `${seconds(recoveryMs)} s`;
    return `  ${lineOf(beganMs, fault, targets)} ${took.padStart(8)}`;
  });
  return [`recovery  median ${median} s, longest ${seconds(times.at(-1) ?? 0)} s`, ...lines];
}

function lineOf(atMs: number, fault: ScheduledFault, targets: readonly Target[]): string {
  return `${seconds(atMs).padStart(6)}  ${nameOf(fault, targets).padEnd(30)}`;
}
