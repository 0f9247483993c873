import type { LogEntry } from '../../../src/api/logs';

/** Lines that are not shown: more came than the server tells or this page keeps. */
export interface Gap {
  /** Null: nobody has counted them. */
  gap: number | null;
}

export type Row = LogEntry | Gap;

/** What the reader sees, oldest first, and what waits until the reader comes back to the end. */
export interface Tail {
  rows: Row[];
  held: Row[];
  following: boolean;
}

export const rowsMax = 5_000;

export const emptyTail: Tail = { rows: [], held: [], following: true };

export function isGap(row: Row): row is Gap {
  return 'gap' in row;
}

/** New lines stay out of sight while the reader reads: nothing moves under the eye. */
export function arrived(tail: Tail, news: Row[]): Tail {
  const fresh = withoutKnown(tail, news);
  if (fresh.length === 0) {
    return tail;
  }
  return tail.following
    ? { ...tail, rows: bounded([...tail.rows, ...fresh]) }
    : { ...tail, held: bounded([...tail.held, ...fresh]) };
}

export function followed(tail: Tail, following: boolean): Tail {
  if (following === tail.following) {
    return tail;
  }
  return following
    ? { following, rows: bounded([...tail.rows, ...tail.held]), held: [] }
    : { ...tail, following };
}

/** A page of older lines, newest first as the server lists them. */
export function older(tail: Tail, page: LogEntry[]): Tail {
  const rows = [...withoutKnown(tail, [...page].reverse()), ...tail.rows];
  return { ...tail, rows: rows.slice(-rowsMax) };
}

/**
 * The newest page again after the stream was away, newest first as the server lists it. When it
 * knows none of our lines, there are others between them.
 */
export function resumed(tail: Tail, page: LogEntry[]): Tail {
  const fresh = withoutKnown(tail, [...page].reverse());
  const apart = page.length > 0 && fresh.length === page.length && tail.rows.length > 0;
  return arrived(tail, apart ? [{ gap: null }, ...fresh] : fresh);
}

/** How many lines came while the reader was elsewhere. */
export function newCount(tail: Tail): number {
  return counted(tail.held);
}

/** The latest rows; those before them are counted in a gap at the top. */
function bounded(rows: Row[]): Row[] {
  if (rows.length <= rowsMax) {
    return rows;
  }
  const cut = rows.length - rowsMax + 1;
  return [{ gap: counted(rows.slice(0, cut)) }, ...rows.slice(cut)];
}

function counted(rows: Row[]): number {
  return rows.reduce((sum, row) => sum + (isGap(row) ? (row.gap ?? 0) : 1), 0);
}

/** The tail and the page before it may both tell a line: it has one id. */
function withoutKnown(tail: Tail, news: Row[]): Row[] {
  const known = new Set<string>();
  for (const row of [...tail.rows, ...tail.held]) {
    if (!isGap(row)) {
      known.add(row.id);
    }
  }
  return news.filter((row) => isGap(row) || !known.has(row.id));
}
