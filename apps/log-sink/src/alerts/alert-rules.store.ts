import { Injectable } from '@nestjs/common';
import { Db, type Tx } from '@tradepost/database';
import type { AlertLevel, AlertRule } from './alert-rule';

const columns = `
  id, name, level, service, message, threshold, window_seconds AS "windowSeconds", notify,
  created_at AS "createdAt"`;

const listRules = {
  name: 'log-sink-list-alert-rules',
  text: `SELECT ${columns} FROM alert_rules ORDER BY name`,
};

const rulesOf = {
  name: 'log-sink-alert-rules-of',
  text: `SELECT ${columns} FROM alert_rules WHERE level = $1`,
};

// The next statement has a snapshot of its own: it counts what the lock's last holder has added.
const lockCount = {
  name: 'log-sink-lock-alert-rules',
  text: `SELECT pg_advisory_xact_lock(hashtextextended('alert_rules', 0))`,
};

const insertRule = {
  name: 'log-sink-insert-alert-rule',
  text: `INSERT INTO alert_rules (
           id, name, level, service, message, threshold, window_seconds, notify, created_at)
         SELECT $1::uuid, $2, $3, $4, $5, $6::integer, $7::integer, $8::boolean, $9::timestamptz
          WHERE (SELECT count(*) FROM alert_rules) < $10
         ON CONFLICT (name) DO NOTHING
         RETURNING id`,
};

const isNamed = {
  name: 'log-sink-find-alert-rule-name',
  text: 'SELECT 1 FROM alert_rules WHERE name = $1',
};

const deleteRule = {
  name: 'log-sink-delete-alert-rule',
  text: 'DELETE FROM alert_rules WHERE id = $1 RETURNING id',
};

@Injectable()
export class AlertRulesStore {
  constructor(private readonly db: Db) {}

  async list(): Promise<AlertRule[]> {
    return this.db.query<AlertRule>(listRules);
  }

  async of(tx: Tx, level: AlertLevel): Promise<AlertRule[]> {
    return tx.query<AlertRule>(rulesOf, [level]);
  }

  async insert(rule: AlertRule, max: number): Promise<'added' | 'same name' | 'too many'> {
    const { id, name, level, service, message, threshold, windowSeconds, notify } = rule;
    const values = [id, name, level, service, message, threshold, windowSeconds, notify];
    return this.db.transaction(async (tx) => {
      await tx.query(lockCount);
      const rows = await tx.query(insertRule, [...values, rule.createdAt, max]);
      if (rows.length === 1) return 'added';
      return (await tx.query(isNamed, [name])).length === 1 ? 'same name' : 'too many';
    });
  }

  /** @returns false when there is no such rule */
  async remove(id: string): Promise<boolean> {
    return (await this.db.query(deleteRule, [id])).length === 1;
  }
}
