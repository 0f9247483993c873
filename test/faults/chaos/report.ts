import { commandOf, type Options } from './options';
import type { Run } from './run';
import { nameOf, type Fault } from './schedule';
import type { Strike } from './strikes';
import { targetsOf, type Target } from './targets';
import { failuresOf } from './verdict';

const offendersShown = 25;

/** `--plan`, and the head of each fault: when, what, for how long. */
export function scheduleLines(schedule: Fault[], targets: readonly Target[]): string[] {
  return schedule.map((fault) => {
    const at = seconds(fault.atMs).padStart(6);
    return `${at}  ${nameOf(fault, targets).padEnd(30)} for ${seconds(fault.forMs)} s`;
  });
}

/** Lines of at most 100 columns, but for what is wrong. */
export function reportLines(run: Run, options: Options): string[] {
  const { accepted, outcomes, testimony, audited, strikes, crashes, loadMs, settleMs } = run;
  const failures = failuresOf(run);
  const states = Object.entries(outcomes.byStatus).sort(([, a], [, b]) => b - a);
  return [
    `orders    ${accepted} accepted: ${states.map(([s, count]) => `${count} ${s}`).join(', ')}`,
    `faults    ${strikes.length}: ${kindsOf(strikes)}`,
    ...recoveryLines(strikes, targetsOf(options.scale)),
    `witness   ${testimony.heard} messages heard, ${testimony.copies} copies turned away`,
    `audit     ${audited.orders} orders, ${audited.payments} payments, ` +
      `${audited.charges} charges, ${audited.entries} entries, ` +
      `${audited.deadLetters} dead letters: ${audited.violations.length} violations`,
    `crashes   ${crashes.length}`,
    `took      ${seconds(loadMs)} s of load and faults, ${seconds(settleMs)} s to settle`,
    `rate      ${perSecond(accepted, loadMs)} orders/s`,
    failures.length === 0 ? 'passed' : `FAILED: ${failures.length} offenders`,
    ...failures.slice(0, offendersShown).map((failure) => `  ${failure}`),
    ...(failures.length > offendersShown ? [`  and ${failures.length - offendersShown} more`] : []),
    `again     ${commandOf(options)}`,
  ];
}

function kindsOf(strikes: Strike[]): string {
  const counts = new Map<string, number>();
  for (const { fault } of strikes) counts.set(fault.kind, (counts.get(fault.kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
}

function recoveryLines(strikes: Strike[], targets: readonly Target[]): string[] {
  const times = strikes.map(({ recoveryMs }) => recoveryMs ?? Infinity).sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)] ?? 0;
  const worst = times.at(-1) ?? 0;
  return [
    `recovery  median ${seconds(median)} s, longest ${seconds(worst)} s`,
    ...strikes.map(({ fault, beganMs, recoveryMs }) => {
      const at = seconds(beganMs).padStart(6);
      const took = recoveryMs === undefined ? 'never' : `${seconds(recoveryMs)} s`;
      return `  ${at}  ${nameOf(fault, targets).padEnd(30)} ${took.padStart(8)}`;
    }),
  ];
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}

function perSecond(count: number, ms: number): string {
  return (count / (ms / 1_000)).toFixed(1);
}
