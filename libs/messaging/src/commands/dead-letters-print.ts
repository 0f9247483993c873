import { printable } from '../printable';
import type { OperationSummary } from '../dead-letters/audit-trail';
import type {
  DeadLetterDetails,
  DeadLetterGroup,
  OperationResult,
  ReplayPreview,
  Selection,
} from '../dead-letters/shapes';

const columns = 100;
const stayedShown = 20;

export function groupLines(groups: DeadLetterGroup[]): string[] {
  if (groups.length === 0) return ['No dead letters.'];
  const rows = groups.map(({ queue, errorCode, handler, count, firstFailedAt, lastFailedAt }) => [
    queue,
    errorCode,
    handler,
    String(count),
    short(firstFailedAt),
    short(lastFailedAt),
  ]);
  const total = groups.reduce((sum, { count }) => sum + count, 0);
  const names = ['QUEUE', 'CODE', 'HANDLER', 'COUNT', 'FIRST', 'LAST'];
  return [...table([names, ...rows]), '', `${total} in ${groups.length} groups (times in UTC)`];
}

export function deadLetterLines(deadLetter: DeadLetterDetails): string[] {
  const { body, headers: _headers, ...facts } = deadLetter;
  const lines = Object.entries(facts)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${name.padEnd(14)} ${value}`);
  const below = pretty(body).split('\n');
  return [...lines, 'body', ...below.map((line) => `  ${line}`)];
}

export function previewLines({ wouldSend, invalid, unchecked }: ReplayPreview): string[] {
  return [
    `Would send ${wouldSend}; today's contract refuses ${invalid.length} of them.`,
    ...(unchecked > 0 ? [`${unchecked} not checked: their contract is not known here.`] : []),
    ...problems(invalid),
  ];
}

export function resultLines(did: string, { operation, done, stayed }: OperationResult): string[] {
  const rest = stayed.length > 0 ? `, ${stayed.length} stayed` : '';
  return [`Operation ${operation}: ${did} ${done}${rest}.`, ...problems(stayed)];
}

export function operationLines(operations: OperationSummary[]): string[] {
  if (operations.length === 0) return ['No operations.'];
  const rows = operations.map(({ operation, action, of, done, taken, at, by, selection }) => [
    String(operation),
    of === undefined ? action : `${action} ${of}`,
    done === undefined ? `${taken}, cut short` : String(done),
    short(at),
    by,
    selection === undefined ? '' : describeSelection(selection),
  ]);
  return table([['OPERATION', 'ACTION', 'DONE', 'AT', 'BY', 'WHICH'], ...rows]);
}

export function describeSelection({ ids, queue, code }: Selection): string {
  const parts = [ids && ids.join(' '), queue && `queue ${queue}`, code && `code ${code}`];
  return parts.filter(Boolean).join(', ') || 'all';
}

function problems(stayed: { id: string; queue: string; problem: string }[]): string[] {
  const lines = stayed
    .slice(0, stayedShown)
    .map(({ id, queue, problem }) => `  ${id} in ${queue}: ${problem}`);
  const more = stayed.length - stayedShown;
  return more > 0 ? [...lines, `  and ${more} more`] : lines;
}

/** Columns as wide as needed; where that is too wide, the widest shrinks. */
function table(texts: string[][]): string[] {
  const rows = texts.map((row) => row.map(printable));
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const gaps = 2 * (widths.length - 1);
  while (widths.reduce((sum, width) => sum + width, gaps) > columns) {
    widths[widths.indexOf(Math.max(...widths))] = Math.max(...widths) - 1;
  }
  return rows.map((row) =>
    row
      .map((cell, i) => fit(cell, widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function fit(cell: string, width: number): string {
  return cell.length <= width ? cell.padEnd(width) : `${cell.slice(0, width - 1)}…`;
}

/** `2026-11-23T19:26:18.123Z` → `11-23 19:26` */
function short(time: string | undefined): string {
  return time === undefined ? '-' : time.slice(5, 16).replace('T', ' ');
}

export function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
