import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import { type Row, storable } from '../entries/rows';
import { Conditions } from '../entries/sql';

export const alertLevels = ['warning', 'critical'] as const;

export type AlertLevel = (typeof alertLevels)[number];

export interface Alert {
  id: string;
  time: Date;
  level: AlertLevel;
  service: string;
  message: string;
  traceId: string | null;
  /** The facts of the line. */
  data: Record<string, unknown> | null;
}

const insertAlerts = {
  name: 'log-sink-insert-alerts',
  text: `INSERT INTO alerts (level, id, time, service, message, trace_id, data)
         SELECT $1, alert.* FROM json_to_recordset($2) AS alert (
           id text, time timestamptz, service text, message text, "traceId" text, data jsonb)
         ORDER BY time, id
         ON CONFLICT (time, id, level) DO NOTHING`,
};

const deleteAlerts = {
  name: 'log-sink-delete-alerts',
  text: `DELETE FROM alerts_default WHERE ctid IN (
           SELECT ctid FROM alerts_default WHERE time < $1
           ORDER BY time LIMIT $2 FOR UPDATE SKIP LOCKED)
         RETURNING id`,
};

@Injectable()
export class AlertsStore {
  constructor(private readonly db: Db) {}

  /** Adds what is not there yet, all in one statement. */
  async add(level: AlertLevel, rows: Row[]): Promise<void> {
    await this.db.query(insertAlerts, [level, storable(rows)]);
  }

  /** Newest first, from before `[time, id]` on. */
  async list(
    level: AlertLevel | undefined,
    before: unknown[] | undefined,
    limit: number,
  ): Promise<Alert[]> {
    const conditions = new Conditions({ level: ['level = $', level] });
    if (before) conditions.add('before', '(time, id) < ($, $)', ...before);
    const statement = {
      name: `log-sink-list-alerts${conditions.name}`,
      text: `SELECT id, time, level, service, message, trace_id AS "traceId", data
             FROM alerts ${conditions.where}
             ORDER BY time DESC, id DESC LIMIT ${conditions.value(limit)}`,
    };
    return this.db.query<Alert>(statement, conditions.values);
  }

  /** Of those in no partition of a day. @returns how many were deleted, at most `max` */
  async forget(before: Date, max: number): Promise<number> {
    return (await this.db.query(deleteAlerts, [before, max])).length;
  }
}
