import type {
  TopologyApplied,
  TopologyDifference,
  TopologyReport,
} from '../../../src/api/topology';
import { count, counted } from '../../parts/format';
import { listed } from '../words';

const signs = { '+': 'missing', '-': 'extra', '~': 'different' } as const;

/** "2 missing, 1 different; 2 of them can be applied, 1 is left to you." */
export function topologySummary({ differences, unchecked }: TopologyReport): string {
  const blind =
    unchecked.length === 0 ? '' : ` ${counted(unchecked.length, 'part')} could not be looked at.`;
  if (differences.length === 0) {
    return blind === ''
      ? 'The broker has what the code declares.'
      : `Nothing differs in what could be looked at.${blind}`;
  }
  const kinds = (['+', '-', '~'] as const).flatMap((sign) => {
    const these = differences.filter((one) => one.sign === sign).length;
    return these === 0 ? [] : [`${count(these)} ${signs[sign]}`];
  });
  const safe = differences.filter((one) => one.safe).length;
  return `${listed(kinds)}; ${whatIsSafe(safe, differences.length)}.${blind}`;
}

function whatIsSafe(safe: number, all: number): string {
  if (safe === all) {
    return all === 1 ? 'it can be applied' : 'all can be applied';
  }
  const left = all - safe;
  return safe === 0
    ? 'none can be applied from here'
    : `${count(safe)} can be applied, ${count(left)} ${left === 1 ? 'is' : 'are'} left to you`;
}

export function differenceWords({ sign, what, name }: TopologyDifference): string {
  switch (sign) {
    case '+':
      return `The ${what} ${name} is declared and not on the broker.`;
    case '-':
      return `The ${what} ${name} is on the broker and not declared.`;
    case '~':
      return `The ${what} ${name} differs on the broker.`;
  }
}

/** To paste into a message: a line each, as `npm run topology -- plan` signs them. */
export function topologyText(report: TopologyReport): string {
  return [
    topologySummary(report),
    ...report.differences.map(
      ({ sign, what, name, reason, remedy }) => `${sign} ${what} ${name}: ${reason}; ${remedy}`,
    ),
    ...report.unchecked.map((why) => `? ${why}`),
    ...report.advice.map(({ level, text }) => `${level}: ${text}`),
  ].join('\n');
}

export function appliedWords({ did, left }: TopologyApplied): string {
  const done =
    did.length === 0 ? 'Nothing was changed.' : `Done: ${counted(did.length, 'change')}.`;
  return left.length === 0
    ? done
    : `${done} ${counted(left.length, 'difference')} ${left.length === 1 ? 'is' : 'are'} left.`;
}
