import { Injectable } from '@nestjs/common';
import { Db, type Tx } from '@tradepost/database';
import { storable } from '../entries/rows';
import { Conditions } from '../entries/sql';
import { type AlertLevel, idsOf, type KindCount } from './alert-rule';

export interface Alert {
  id: string;
  level: AlertLevel;
  service: string;
  message: string;
  /** Lines so far. */
  count: number;
  /** Of the first line; of the last one. */
  time: Date;
  lastTime: Date;
  rule: string;
  ruleId: string;
  threshold: number;
  windowSeconds: number;
  /** The trace and the facts of one of the lines. */
  traceId: string | null;
  data: Record<string, unknown> | null;
  raisedAt: Date;
  acknowledged: { by: string; at: Date; note: string | null } | null;
  /** Whether the webhook was told; null: nobody is. */
  notification: 'pending' | 'delivered' | 'failed' | null;
}

type AlertRow = Omit<Alert, 'acknowledged'> & { at: Date | null; by: string; note: string | null };

const columns = `
  id, level, service, message, count, first_at AS time, last_at AS "lastTime", rule,
  rule_id AS "ruleId", threshold, window_seconds AS "windowSeconds", trace_id AS "traceId", data,
  raised_at AS "raisedAt", notification, acknowledged_at AS at, acknowledged_by AS by, note`;

const findKnown = {
  name: 'log-sink-find-known-alerts',
  text: 'SELECT id FROM alerts WHERE id = ANY($1::uuid[])',
};

const countKinds = {
  name: 'log-sink-count-kinds',
  text: `SELECT count(kind.one) AS count FROM unnest($1::uuid[], $2::uuid[])
           WITH ORDINALITY AS ids ("from", "to", place)
         LEFT JOIN LATERAL (
           SELECT 1 AS one FROM alerts WHERE id >= ids."from" AND id < ids."to" LIMIT $3
         ) AS kind ON true
         GROUP BY place ORDER BY place`,
};

// In one order for all, so that two replicas with the same kinds do not wait for each other.
const addCounts = {
  name: 'log-sink-add-counts',
  text: `INSERT INTO alerts (id, rule_id, rule, level, threshold, window_seconds, service, message,
           count, first_at, last_at, trace_id, data, raised_at)
         SELECT id, "ruleId", rule, level, threshold, "windowSeconds", service, message,
           count, "firstAt", "lastAt", "traceId", data, CASE WHEN count >= threshold THEN now() END
         FROM json_to_recordset($1) AS kind (
           id uuid, "ruleId" uuid, rule text, level text, threshold integer,
           "windowSeconds" integer, service text, message text, count integer,
           "firstAt" timestamptz, "lastAt" timestamptz, "traceId" text, data jsonb)
         ORDER BY id
         ON CONFLICT (id) DO UPDATE SET
           count = alerts.count + EXCLUDED.count,
           first_at = least(alerts.first_at, EXCLUDED.first_at),
           last_at = greatest(alerts.last_at, EXCLUDED.last_at),
           raised_at = coalesce(alerts.raised_at, CASE
             WHEN alerts.count + EXCLUDED.count >= alerts.threshold THEN now() END)
         RETURNING id, count, threshold`,
};

const setNotification = {
  name: 'log-sink-set-notification',
  text: 'UPDATE alerts SET notification = $2 WHERE id = ANY($1::uuid[])',
};

const findAlert = {
  name: 'log-sink-find-alert',
  text: `SELECT ${columns} FROM alerts WHERE id = $1 AND raised_at IS NOT NULL`,
};

// The first one stands.
const acknowledgeAlert = {
  name: 'log-sink-acknowledge-alert',
  text: `UPDATE alerts SET
           note = CASE WHEN acknowledged_at IS NULL THEN $3 ELSE note END,
           acknowledged_by = coalesce(acknowledged_by, $2),
           acknowledged_at = coalesce(acknowledged_at, now())
         WHERE id = $1 AND raised_at IS NOT NULL
         RETURNING ${columns}`,
};

const deleteAlerts = {
  name: 'log-sink-delete-alerts',
  text: `DELETE FROM alerts_default WHERE ctid IN (
           SELECT ctid FROM alerts_default WHERE last_at < $1
           ORDER BY last_at LIMIT $2 FOR UPDATE SKIP LOCKED)
         RETURNING id`,
};

@Injectable()
export class AlertsStore {
  constructor(private readonly db: Db) {}

  /** Those of the ids that are counted already. */
  async known(tx: Tx, ids: string[]): Promise<Set<string>> {
    const rows = await tx.query<{ id: string }>(findKnown, [ids]);
    return new Set(rows.map(({ id }) => id));
  }

  /** How many kinds are counted in each window, by its start; `max` at most. */
  async kinds(tx: Tx, windows: number[], max: number): Promise<Map<number, number>> {
    const ids = windows.map(idsOf);
    const values = [ids.map(([from]) => from), ids.map(([, to]) => to), max];
    const rows = await tx.query<{ count: number }>(countKinds, values);
    return new Map(windows.map((window, index) => [window, rows[index]?.count ?? 0]));
  }

  /** @returns the ids of those that reach their threshold by this */
  async add(tx: Tx, counts: KindCount[]): Promise<string[]> {
    const rows = counts.map(({ rule, ...count }) => {
      const { id: ruleId, name, level, threshold, windowSeconds } = rule;
      return { ...count, ruleId, rule: name, level, threshold, windowSeconds };
    });
    type Counted = { id: string; count: number; threshold: number };
    const counted = await tx.query<Counted>(addCounts, [storable(rows)]);
    const added = new Map(counts.map(({ id, count }) => [id, count]));
    return counted
      .filter(({ id, count, threshold }) => {
        return count >= threshold && count - (added.get(id) ?? 0) < threshold;
      })
      .map(({ id }) => id);
  }

  async setNotification(
    ids: string[],
    notification: Alert['notification'],
    on: Tx | Db = this.db,
  ): Promise<void> {
    await on.query(setNotification, [ids, notification]);
  }

  /** Undefined: there is none, or it is not raised. */
  async find(id: string): Promise<Alert | undefined> {
    const [row] = await this.db.query<AlertRow>(findAlert, [id]);
    return row && toAlert(row);
  }

  /** @returns the alert, which may have been acknowledged before; undefined: there is none */
  async acknowledge(id: string, by: string, note: string | null): Promise<Alert | undefined> {
    const [row] = await this.db.query<AlertRow>(acknowledgeAlert, [id, by, note]);
    return row && toAlert(row);
  }

  /** Newest window first, those before the id `before`. */
  async list(
    { level, acknowledged }: { level?: AlertLevel; acknowledged?: boolean },
    before: string | undefined,
    limit: number,
  ): Promise<Alert[]> {
    const conditions = new Conditions({ level: ['level = $', level], before: ['id < $', before] });
    conditions.add('raised', 'raised_at IS NOT NULL');
    if (acknowledged === true) conditions.add('acknowledged', 'acknowledged_at IS NOT NULL');
    if (acknowledged === false) conditions.add('open', 'acknowledged_at IS NULL');
    const statement = {
      name: `log-sink-list-alerts${conditions.name}`,
      text: `SELECT ${columns} FROM alerts ${conditions.where}
             ORDER BY id DESC LIMIT ${conditions.value(limit)}`,
    };
    return (await this.db.query<AlertRow>(statement, conditions.values)).map(toAlert);
  }

  /** Of those in no partition of a day. @returns how many were deleted, at most `max` */
  async forget(before: Date, max: number): Promise<number> {
    return (await this.db.query(deleteAlerts, [before, max])).length;
  }
}

function toAlert({ at, by, note, ...row }: AlertRow): Alert {
  return { ...row, acknowledged: at && { by, at, note } };
}
