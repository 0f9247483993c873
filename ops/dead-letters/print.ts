import type {
  BatchSummary,
  LetterGroup,
  Outcome,
  ShownLetter,
  Verdict,
} from '@tradepost/messaging';

const columns = 100;
const stayedShown = 20;

export function groupLines(groups: LetterGroup[]): string[] {
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

export function letterLines(letter: ShownLetter): string[] {
  const { body, headers: _headers, ...facts } = letter;
  const lines = Object.entries(facts)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${name.padEnd(14)} ${value}`);
  return [...lines, 'body', ...pretty(body).map((line) => `  ${line}`)];
}

export function verdictLines({ wouldSend, invalid, unchecked }: Verdict): string[] {
  return [
    `Would send ${wouldSend}; today's contract refuses ${invalid.length} of them.`,
    ...(unchecked > 0 ? [`${unchecked} not checked: their contract is not known here.`] : []),
    ...problems(invalid),
  ];
}

export function outcomeLines(did: string, { batch, done, stayed }: Outcome): string[] {
  return [
    `Batch ${batch}: ${did} ${done}${stayed.length > 0 ? `, ${stayed.length} stayed` : ''}.`,
    ...problems(stayed),
  ];
}

export function batchLines(batches: BatchSummary[]): string[] {
  if (batches.length === 0) return ['Nothing was done yet.'];
  const rows = batches.map(({ batch, act, of, done, taken, at, by, selection }) => [
    String(batch),
    of === undefined ? act : `${act} ${of}`,
    done === undefined ? `${taken}, cut short` : String(done),
    short(at),
    by,
    selection === undefined ? '' : describeSelection(selection),
  ]);
  return table([['BATCH', 'ACT', 'DONE', 'AT', 'BY', 'WHICH'], ...rows]);
}

export function describeSelection({ ids, queue, code }: NonNullable<BatchSummary['selection']>) {
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

/** Columns as wide as they need; where that is too wide, the widest gives way. */
function table(rows: string[][]): string[] {
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

function pretty(body: string): string[] {
  try {
    return JSON.stringify(JSON.parse(body), null, 2).split('\n');
  } catch {
    return body.split('\n');
  }
}
