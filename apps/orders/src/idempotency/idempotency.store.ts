import { Injectable } from '@nestjs/common';
import { Db, type Tx } from '@tradepost/database';
import type { Answer, Attempt } from './idempotency';

/** `running`: another transaction holds the key. `known`: an earlier one has committed it. */
export type Claim = 'ours' | 'running' | 'known';

// Two inserts of one key would have the second wait for the first one's commit, holding one of few
// connections. The lock, which ends with the transaction, tells it at once instead. Whoever gets it
// sees the record of whoever had it before: a lock is released after the commit is visible, and ON
// CONFLICT looks at the index, not at the statement's snapshot.
//
// A record without a status is one of the version before, which did not look at who the caller is:
// the same request had better be taken for the same caller's than be done twice.
const claimKey = {
  name: 'orders-claim-idempotency-key',
  text: `
    WITH turn AS MATERIALIZED (
      SELECT pg_try_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 0)) AS taken
    ), claimed AS (
      INSERT INTO idempotency_records (route, key, fingerprint, order_id, status, headers, body)
      SELECT $1, $2, $3::bytea, $5::uuid, $6::smallint, $7::json, $8::text FROM turn
       WHERE taken AND NOT EXISTS (
         SELECT FROM idempotency_records
          WHERE route = $4 AND key = $2 AND fingerprint = $3 AND status IS NULL)
      ON CONFLICT (route, key) DO NOTHING
      RETURNING key
    )
    SELECT CASE
             WHEN NOT taken THEN 'running'
             WHEN EXISTS (SELECT FROM claimed) THEN 'ours'
             ELSE 'known'
           END AS claim
      FROM turn`,
};

const findAnswer = {
  name: 'orders-find-answer',
  text: `
    SELECT fingerprint, order_id AS "orderId", body,
           coalesce(status, CASE $4 WHEN 'place-order' THEN 201 ELSE 200 END) AS status,
           coalesce(headers, json_strip_nulls(json_build_object(
             'content-type', 'application/json; charset=utf-8',
             'location', CASE $4 WHEN 'place-order' THEN '/v1/orders/' || order_id END
           ))) AS headers
      FROM idempotency_records
     WHERE key = $2
       AND (route = $1 OR route = $4 AND fingerprint = $3 AND status IS NULL)
     ORDER BY route = $1 DESC LIMIT 1`,
};

const setAnswer = {
  name: 'orders-set-answer',
  text: `
    UPDATE idempotency_records SET order_id = $3, status = $4, headers = $5, body = $6
     WHERE route = $1 AND key = $2`,
};

// Replicas that collect at the same time share the work instead of waiting for each other.
const forgetAnswers = {
  name: 'orders-forget-answers',
  text: `
    WITH old AS (
      SELECT route, key FROM idempotency_records WHERE created_at < $1
       ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED
    ), gone AS (
      DELETE FROM idempotency_records USING old
       WHERE idempotency_records.route = old.route AND idempotency_records.key = old.key
      RETURNING old.key
    )
    SELECT count(*) AS count FROM gone`,
};

@Injectable()
export class IdempotencyStore {
  constructor(private readonly db: Db) {}

  /** Takes the key for this transaction and records its answer, or says who has it. Never waits. */
  async claim(tx: Tx, attempt: Attempt, answer: Answer): Promise<Claim> {
    const values = [...idOf(attempt), ...valuesOf(answer)];
    const [row] = await tx.query<{ claim: Claim }>(claimKey, values);
    if (!row) throw new Error('the claim of an idempotency key returned no row');
    return row.claim;
  }

  /** For who learns only after the claim, in the same transaction, what to answer. */
  async setAnswer(tx: Tx, { scope, key }: Attempt, answer: Answer): Promise<void> {
    await tx.query(setAnswer, [scope, key, ...valuesOf(answer)]);
  }

  async find(attempt: Attempt): Promise<(Answer & { fingerprint: Buffer }) | undefined> {
    type Row = Answer & { fingerprint: Buffer };
    const [row] = await this.db.query<Row>(findAnswer, idOf(attempt));
    return row;
  }

  /** Deletes at most `limit` records older than `before`. @returns how many it deleted */
  async forget(before: Date, limit: number): Promise<number> {
    const [row] = await this.db.query<{ count: number }>(forgetAnswers, [before, limit]);
    return row?.count ?? 0;
  }
}

function idOf({ scope, key, fingerprint, route }: Attempt): unknown[] {
  return [scope, key, fingerprint, route];
}

function valuesOf({ orderId, status, headers, body }: Answer): unknown[] {
  return [orderId, status, JSON.stringify(headers), body];
}
