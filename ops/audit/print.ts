import type { Report } from './audit';

/** For a person. Every violation has a line of its own, below its rule. */
export function lines(report: Report): string[] {
  const { violations, reads, tookMs } = report;
  const width = Math.max(...report.checks.map(({ rule }) => rule.length));
  const took = `${(tookMs / 1_000).toFixed(1)} s, ${counted(reads, 'read')}`;
  const result = violations.length === 0 ? 'Clean' : counted(violations.length, 'violation');
  return [
    ...summary(report),
    '',
    ...report.checks.flatMap(({ rule, checked, violations: found }) => [
      `${found === 0 ? '✔' : '✘'} ${rule.padEnd(width)}  ${checked}`,
      ...violations
        .filter((violation) => violation.rule === rule)
        .map(({ subject, detail }) => `    ${subject}: ${detail}`),
    ]),
    '',
    `${result} (${took}).`,
  ];
}

function summary({ orders, states, inFlight, payments, charges, entries }: Report): string[] {
  const each = Object.entries(states)
    .sort(([, a], [, b]) => b - a)
    .map(([state, count]) => `${count} ${state}`);
  const of = each.length === 0 ? '' : `: ${each.join(', ')}`;
  return [
    `${counted(orders, 'order')}${of}; ${inFlight} on the way`,
    `${counted(payments, 'payment')}, ${counted(charges, 'charge')} at the gateway, ` +
      `${entries} ledger entries`,
  ];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
