import { Injectable } from '@nestjs/common';
import { type LogLevel, logLevels } from '@tradepost/contracts';
import { Db, type Tx } from '@tradepost/database';
import { conditionsOf, entryColumns, type LogFilter } from './log-filter';
import { type Row, storable } from './rows';
import type { Conditions } from './sql';
import { searchable } from './words';

export interface StoredEntry {
  id: string;
  time: Date;
  level: LogLevel;
  service: string;
  message: string;
  context: string | null;
  traceId: string | null;
  data: Record<string, unknown> | null;
}

// In one order for all, so that two replicas with the same messages do not wait for each other.
const insertEntries = {
  name: 'log-sink-insert-entries',
  text: `WITH added AS (
           INSERT INTO log_entries (
             id, time, level, service, message, context, trace_id, data, words)
           SELECT * FROM json_to_recordset($1) AS entry (
             id text, time timestamptz, level text, service text, message text, context text,
             "traceId" text, data jsonb, words tsvector)
           ORDER BY time, id
           ON CONFLICT (time, id, level) DO NOTHING
           RETURNING id)
         SELECT left(id, -4) AS id FROM added WHERE id LIKE '%.000'`,
};

const deleteEntries = (level: LogLevel) => ({
  name: `log-sink-delete-${level}-entries`,
  text: `DELETE FROM log_entries_${level}_default WHERE ctid IN (
           SELECT ctid FROM log_entries_${level}_default WHERE time < $1
           ORDER BY time LIMIT $2 FOR UPDATE SKIP LOCKED)
         RETURNING id`,
});

/** So many that an index has found are sorted; where there are more, a walk by time meets them. */
const fewMax = 5_000;

// The planner cannot know how many lines have a field or a word. Left to itself it walks all of
// them by time to avoid a sort, or sorts nearly all.
const searchIndexes = {
  name: 'log-sink-search-indexes',
  text: `SELECT set_config('enable_seqscan', 'off', true),
                set_config('enable_indexscan', 'off', true)`,
};
const walkByTime = {
  name: 'log-sink-walk-by-time',
  text: `SELECT set_config('enable_bitmapscan', 'off', true)`,
};

@Injectable()
export class LogsStore {
  constructor(private readonly db: Db) {}

  /**
   * Adds what is not there yet, all in one statement.
   * @returns the ids of messages whose first entry was not
   */
  async add(rows: Row[], on: Tx | Db = this.db): Promise<Set<string>> {
    const entries = rows.map((row) => ({ ...row, words: searchable(row.message, row.data) }));
    const added = await on.query<{ id: string }>(insertEntries, [storable(entries)]);
    return new Set(added.map(({ id }) => id));
  }

  /** Newest first, from before `[time, id]` on. */
  async list(
    filter: LogFilter,
    before: readonly [time: string, id: string] | undefined,
    limit: number,
  ): Promise<StoredEntry[]> {
    const conditions = conditionsOf(filter);
    // The time alone, too: it tells partitions apart.
    if (before) {
      conditions.add('before', '(time, id) < ($, $) AND time <= $', ...before, before[0]);
    }
    const { field, q, traceId } = filter;
    if (!field && !q && !traceId) return this.db.query(walk(conditions, limit), conditions.values);
    const few = await this.findFew(conditions, limit);
    return few ?? this.findAmongMany(conditions, limit);
  }

  /** By the indexes of what entries have. @returns undefined when there are many */
  private async findFew(conditions: Conditions, limit: number) {
    const values = [...conditions.values];
    const statement = {
      name: `log-sink-find-entries${conditions.name}`,
      text: `WITH found AS MATERIALIZED (
               SELECT ${entryColumns} FROM log_entries ${conditions.where} LIMIT ${fewMax + 1})
             SELECT found.*, (SELECT count(*) FROM found) AS count FROM found
             ORDER BY time DESC, id DESC LIMIT $${values.length + 1}`,
    };
    const rows = await this.db.transaction(async (tx) => {
      tx.write(searchIndexes);
      return tx.query<StoredEntry & { count: number }>(statement, [...values, limit]);
    });
    if ((rows[0]?.count ?? 0) > fewMax) return undefined;
    return rows.map(({ count: _, ...entry }): StoredEntry => entry);
  }

  private async findAmongMany(conditions: Conditions, limit: number): Promise<StoredEntry[]> {
    const statement = walk(conditions, limit);
    return this.db.transaction(async (tx) => {
      tx.write(walkByTime);
      return tx.query<StoredEntry>(statement, conditions.values);
    });
  }

  /** Of those in no partition of a day. @returns how many were deleted, at most `max` */
  async forget(level: LogLevel, before: Date, max: number): Promise<number> {
    return (await this.db.query(deleteEntries(level), [before, max])).length;
  }
}

/** Each level is a table of partitions of its own. */
export const entryTables = logLevels.map((level) => ({ level, table: `log_entries_${level}` }));

function walk(conditions: Conditions, limit: number) {
  const { name, where } = conditions;
  return {
    name: `log-sink-list-entries${name}`,
    text: `SELECT ${entryColumns} FROM log_entries ${where}
           ORDER BY time DESC, id DESC LIMIT ${conditions.value(limit)}`,
  };
}
