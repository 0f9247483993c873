import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import { conditionsOf, entryColumns, type LogFilter } from '../entries/log-filter';
import type { StoredEntry } from '../entries/logs.store';

/**
 * A place in the order in which entries came: that of their transactions, and in one of them by
 * time and id. The time is ISO 8601, or `-infinity`.
 */
export type TailPosition = readonly [xact: string, time: string, id: string];

export interface Heard {
  /** The newest of them, oldest first. */
  entries: { entry: StoredEntry; position: TailPosition }[];
  /** How many older ones are left out. */
  skipped: number;
  /** The last one that was read, or that is known not to fit. */
  position: TailPosition;
  /** There are more after it. */
  more: boolean;
}

/** Entries that one statement counts. */
const readMax = 5_000;
/** So many, and all after them, a reader that comes again is told. */
const resumeMax = 20_000;

// Transactions commit in any order: what is older than all that run now is complete.
const selectHorizon = {
  name: 'log-sink-tail-horizon',
  text: 'SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xact',
};

// By the number, not by the text that it is read as.
const selectOldest = {
  name: 'log-sink-tail-oldest',
  text: `SELECT entry.xact::text AS xact FROM log_entries AS entry
         ORDER BY entry.xact DESC OFFSET ${resumeMax} LIMIT 1`,
};

type TailRow = (StoredEntry | { id: null }) & { horizon: string; count: number; xact: string };

/** Entries in the order in which they came, whichever replica stored them. */
@Injectable()
export class TailStore {
  constructor(private readonly db: Db) {}

  /** After all that is there. */
  async end(): Promise<TailPosition> {
    const [row] = await this.db.query<{ xact: string }>(selectHorizon);
    return startOf(row?.xact ?? '0');
  }

  /** The first place that a reader may come again from; undefined: any. */
  async oldest(): Promise<TailPosition | undefined> {
    const [row] = await this.db.query<{ xact: string }>(selectOldest);
    return row && startOf(row.xact);
  }

  /** What fits the filter after the position: the newest of it, at most `limit`. */
  async next(filter: LogFilter, position: TailPosition, limit: number): Promise<Heard> {
    const conditions = conditionsOf(filter).add(
      'after',
      '(xact, time, id) > ($::xid8, $::timestamptz, $)',
      ...position,
    );
    const statement = {
      name: `log-sink-tail${conditions.name}`,
      text: `
        WITH horizon AS MATERIALIZED (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS upto),
        heard AS MATERIALIZED (
          SELECT ${entryColumns}, xact FROM log_entries ${conditions.where}
             AND xact < (SELECT upto FROM horizon)
           ORDER BY xact, time, id LIMIT ${readMax}),
        newest AS (
          SELECT *, row_number() OVER (ORDER BY xact DESC, time DESC, id DESC) AS place FROM heard)
        SELECT upto::text AS horizon, (SELECT count(*) FROM heard) AS count,
               id, time, level, service, message, context, "traceId", data, xact::text
          FROM horizon LEFT JOIN newest ON place <= ${conditions.value(limit)}
         ORDER BY place DESC`,
    };
    const rows = await this.db.query<TailRow>(statement, conditions.values);
    return heardOf(rows, position);
  }
}

function startOf(xact: string): TailPosition {
  return [xact, '-infinity', ''];
}

function heardOf(rows: TailRow[], before: TailPosition): Heard {
  const { count = 0, horizon = before[0] } = rows[0] ?? {};
  const entries = rows.flatMap(({ horizon: _, count: __, xact, ...row }) => {
    if (row.id === null) return [];
    const position: TailPosition = [xact, row.time.toISOString(), row.id];
    return [{ entry: row, position }];
  });
  const more = count === readMax;
  const position = (more && entries.at(-1)?.position) || startOf(horizon);
  return { entries, skipped: count - entries.length, position, more };
}
