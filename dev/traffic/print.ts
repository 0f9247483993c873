import { ceilingOf, type Tried } from './ceiling';
import type { Histogram } from './histogram';
import type { Tally } from './tally';
import type { Traffic } from './traffic';

const limitsMs = [10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000];
const barWidth = 40;
const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

export interface Report {
  seed: number;
  seconds: number;
  rate: number | 'max';
  sent: number;
  accepted: number;
  notAccepted: Record<'tooBusy' | 'refused' | 'unanswered' | 'notSent', number>;
  ended: Tally['ended'];
  /** Accepted, and not ended in time. */
  late: number;
  /** Accepted, and neither ended nor late: the run was interrupted. */
  open: number;
  cancels: Tally['cancels'];
  postMs: Latency;
  flowMs: Latency;
  problems: Record<string, number>;
  ceiling?: { perSecond: number; steps: Tried[] };
}

interface Latency {
  p50: number | null;
  p99: number | null;
  max: number | null;
}

export function reportOf(traffic: Traffic, seed: number, rate: number | 'max'): Report {
  const { tally, tried } = traffic;
  const { tooBusy, refused, unanswered, notSent } = tally;
  return {
    seed,
    seconds: traffic.placedMs / 1_000,
    rate,
    sent: tally.sent,
    accepted: tally.accepted,
    notAccepted: { tooBusy, refused, unanswered, notSent },
    ended: tally.ended,
    late: tally.late,
    open: tally.inFlight,
    cancels: tally.cancels,
    postMs: latencyOf(tally.post),
    flowMs: latencyOf(tally.flow),
    problems: Object.fromEntries(tally.problems),
    ...(rate === 'max' && { ceiling: { perSecond: ceilingOf(tried), steps: tried } }),
  };
}

function latencyOf(histogram: Histogram): Latency {
  const at = (share: number) => rounded(histogram.percentile(share));
  const max = histogram.count === 0 ? null : rounded(histogram.maxMs);
  return { p50: at(0.5), p99: at(0.99), max };
}

function rounded(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms * 10) / 10;
}

/** For a person. */
export function lines(report: Report, { tally }: Traffic): string[] {
  const { ended, notAccepted, cancels } = report;
  const rate = report.rate === 'max' ? '' : ` at ${report.rate} a second`;
  return [
    '',
    `Placed orders for ${report.seconds.toFixed(1)} s${rate}; again: --seed ${report.seed}`,
    '',
    row('sent', `${report.sent}, of them accepted ${report.accepted}`),
    ...some('not accepted', {
      'too busy': notAccepted.tooBusy,
      refused: notAccepted.refused,
      unanswered: notAccepted.unanswered,
      'not even sent': notAccepted.notSent,
    }),
    ...some('ended', {
      completed: ended.completed,
      'payment failed': ended.payment_failed,
      rejected: ended.rejected,
      cancelled: ended.cancelled,
      LATE: report.late,
      'still open': report.open,
    }),
    ...some('to cancel', {
      asked: cancels.asked,
      'too late': cancels.refused,
      failed: cancels.failed,
    }),
    row('POST', latencyText(report.postMs)),
    row('order to end', latencyText(report.flowMs)),
    ...Object.entries(report.problems).map(([name, count]) => row('problem', `${count} × ${name}`)),
    ...(report.ceiling ? ['', ceilingLine(report.ceiling)] : []),
    '',
    ...histogramLines('POST until accepted', tally.post),
    ...histogramLines('order until its end, without those that were cancelled', tally.flow),
  ];
}

function ceilingLine({ perSecond, steps }: NonNullable<Report['ceiling']>): string {
  if (perSecond === 0) return 'It did not keep up with the first step.';
  const isBounded = steps.some(({ problem }) => problem !== undefined);
  const most = `It kept up with ${perSecond} orders a second`;
  return isBounded ? `${most}, and not with more.` : `${most}; there was no time to try more.`;
}

export function stepLine({
  perSecond,
  accepted,
  seconds,
  p99Ms,
  inFlight,
  problem,
}: Tried): string {
  return [
    `${String(perSecond).padStart(6)}/s`,
    `accepted ${Math.round(accepted / seconds)}/s`.padEnd(17),
    `p99 of POST ${p99Ms.toFixed(0)} ms`.padEnd(22),
    `in flight ${inFlight.before} → ${inFlight.after}`.padEnd(24),
    problem === undefined ? '✔' : `✘ ${problem}`,
  ].join('  ');
}

/** Bars of how many took how long. */
export function histogramLines(title: string, histogram: Histogram): string[] {
  if (histogram.count === 0) return [];
  const counts = histogram.counts(limitsMs);
  const most = Math.max(...counts);
  const first = counts.findIndex((count) => count > 0);
  const last = counts.findLastIndex((count) => count > 0);
  const bars = counts.slice(first, last + 1).map((count, index) => {
    const limitMs = limitsMs[first + index];
    const label = limitMs === undefined ? 'more' : `≤ ${timeText(limitMs)}`;
    return `${label.padStart(10)} ${bar(count / most).padEnd(barWidth)} ${count}`;
  });
  return [`${title}:`, ...bars, ''];
}

/** @param share of the width; what is not nothing shows */
export function bar(share: number, width = barWidth): string {
  const parts = Math.round(share * width * 8);
  const shown = share > 0 ? Math.max(1, parts) : 0;
  return '█'.repeat(Math.floor(shown / 8)) + (eighths[shown % 8] ?? '');
}

function some(name: string, counts: Record<string, number>): string[] {
  const found = Object.entries(counts).filter(([, count]) => count > 0);
  if (found.length === 0) return [];
  return [row(name, found.map(([what, count]) => `${what} ${count}`).join(', '))];
}

function row(name: string, text: string): string {
  return `  ${name.padEnd(14)}${text}`;
}

function latencyText({ p50, p99, max }: Latency): string {
  if (p50 === null || p99 === null || max === null) return 'none';
  return `p50 ${timeText(p50)}, p99 ${timeText(p99)}, at most ${timeText(max)}`;
}

export function timeText(ms: number | undefined): string {
  if (ms === undefined) return '–';
  if (ms >= 1_000) return `${Number((ms / 1_000).toFixed(1))} s`;
  return ms >= 10 ? `${Math.round(ms)} ms` : `${Number(ms.toFixed(1))} ms`;
}
