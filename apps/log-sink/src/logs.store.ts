import { Injectable } from '@nestjs/common';
import type { LogLevel } from '@tradepost/contracts';
import { Db } from '@tradepost/database';
import { type Row, storable } from './rows';
import { type Filters, hasFields, where } from './sql';

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

export interface LogsFilter {
  level?: LogLevel;
  service?: string;
  traceId?: string;
  /** Part of the message, in either case. */
  q?: string;
  /** Fields of `data` and their values. */
  field?: Record<string, string>;
}

// In one order for all, so that two replicas with the same messages do not wait for each other.
const insertEntries = {
  name: 'log-sink-insert-entries',
  text: `INSERT INTO log_entries (id, time, level, service, message, context, trace_id, data)
         SELECT * FROM json_to_recordset($1) AS entry (
           id text, time timestamptz, level text, service text, message text, context text,
           "traceId" text, data jsonb)
         ORDER BY time, id
         ON CONFLICT (time, id) DO NOTHING`,
};

const deleteEntries = {
  name: 'log-sink-delete-entries',
  text: `DELETE FROM log_entries_default WHERE ctid IN (
           SELECT ctid FROM log_entries_default WHERE time < $1
           ORDER BY time LIMIT $2 FOR UPDATE SKIP LOCKED)
         RETURNING id`,
};

// By the rules of Unicode: those of a database may know ASCII alone.
const lower = (text: string) => `lower(${text} COLLATE "und-x-icu")`;

@Injectable()
export class LogsStore {
  constructor(private readonly db: Db) {}

  /** Adds what is not there yet, all in one statement. */
  async add(rows: Row[]): Promise<void> {
    await this.db.query(insertEntries, [storable(rows)]);
  }

  /** Newest first, from before `[time, id]` on. */
  async list(
    { level, service, traceId, q, field }: LogsFilter,
    before: unknown[] | undefined,
    limit: number,
  ): Promise<StoredEntry[]> {
    const [info, other] = level === 'info' ? [level, undefined] : [undefined, level];
    const filters: Filters = {
      info: ['level = $', info],
      // Said twice: so the plan for any of the other levels may use the index of those.
      level: [`level = $ AND level <> 'info'`, other],
      service: ['service = $', service],
      trace: ['trace_id = $', traceId],
      q: [`position(${lower('$')} IN ${lower('message')}) > 0`, q],
      field: ['data @@ $::jsonpath', field && hasFields(field)],
    };
    const { name, text, values } = where(filters, before);
    // Fields are ids, as a rule, and traces are short: few lines have one. The planner cannot know.
    // Without OFFSET 0 it walks all entries by time to avoid the sort (of 400,000: 266 ms, not 13).
    const apart = field || traceId ? 'OFFSET 0' : '';
    const statement = {
      name: `log-sink-list-entries${name}`,
      text: `SELECT id, time, level, service, message, context, trace_id AS "traceId", data
             FROM (SELECT * FROM log_entries ${text} ${apart}) AS entry
             ORDER BY time DESC, id DESC LIMIT $${values.length + 1}`,
    };
    return this.db.query<StoredEntry>(statement, [...values, limit]);
  }

  /** Of those in no partition of a day. @returns how many were deleted, at most `max` */
  async forget(before: Date, max: number): Promise<number> {
    return (await this.db.query(deleteEntries, [before, max])).length;
  }
}
