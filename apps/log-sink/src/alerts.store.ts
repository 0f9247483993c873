import { Injectable } from '@nestjs/common';
import type { LogEntry } from '@tradepost/contracts';
import { Db } from '@tradepost/database';
import type { Received } from '@tradepost/messaging';
import { storable, storableJson, storableOrNull, timeOf, where } from './sql';

export const alertLevels = ['warning', 'critical'] as const;

export type AlertLevel = (typeof alertLevels)[number];

export interface Alert {
  id: string;
  seq: number;
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
         SELECT $1, alert.* FROM unnest($2::text[], $3::timestamptz[], $4::text[], $5::text[],
                                        $6::text[], $7::jsonb[]) AS alert (id)
         ORDER BY alert.id
         ON CONFLICT (id, level) DO NOTHING`,
};

const deleteAlerts = {
  name: 'log-sink-delete-alerts',
  text: `DELETE FROM alerts WHERE (id, level) IN (
           SELECT id, level FROM alerts WHERE time < $1
           ORDER BY time LIMIT $2 FOR UPDATE SKIP LOCKED)
         RETURNING id`,
};

@Injectable()
export class AlertsStore {
  constructor(private readonly db: Db) {}

  /** Adds what is not there yet, all in one statement. */
  async add(level: AlertLevel, batch: Received<LogEntry>[]): Promise<void> {
    await this.db.query(insertAlerts, [
      level,
      batch.map(({ message }) => storable(message.id)),
      batch.map((received) => timeOf(received)),
      batch.map(({ body }) => storable(body.service)),
      batch.map(({ body }) => storable(body.message)),
      batch.map(({ body }) => storableOrNull(body.traceId)),
      batch.map(({ body }) => storableJson(body.data)),
    ]);
  }

  /** Newest first, from before `[time, seq]` on. */
  async list(
    level: AlertLevel | undefined,
    before: unknown[] | undefined,
    limit: number,
  ): Promise<Alert[]> {
    const { name, text, values } = where({ level: ['level = $', level] }, before);
    const statement = {
      name: `log-sink-list-alerts${name}`,
      text: `SELECT id, seq, time, level, service, message, trace_id AS "traceId", data
             FROM alerts ${text}
             ORDER BY time DESC, seq DESC LIMIT $${values.length + 1}`,
    };
    return this.db.query<Alert>(statement, [...values, limit]);
  }

  /** @returns how many were deleted, at most `max` */
  async forget(before: Date, max: number): Promise<number> {
    return (await this.db.query(deleteAlerts, [before, max])).length;
  }
}
