import { Injectable } from '@nestjs/common';
import { Db, type Tx } from '@tradepost/database';

/** What tells one keyed request from another. */
export interface RequestKey {
  /** In which the key is unique: the route and the caller. */
  scope: string;
  key: string;
}

/** The answer to an earlier request. */
export interface IdempotencyRecord {
  fingerprint: Buffer;
  /** JSON text. */
  body: string;
}

// Of two inserts of one key the second would wait for the first one's commit, holding one of few
// connections. The lock, which ends with the transaction, refuses it at once instead.
const claimKey = {
  name: 'idempotency-claim-key',
  text: `
    SELECT pg_try_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 0)) AS claimed,
           fingerprint, body
      FROM (SELECT) AS request
      LEFT JOIN idempotency_records ON scope = $1 AND key = $2`,
};

// The record of a request that committed after `claim` took its snapshot is not in that snapshot,
// but in the index.
const insertRecord = {
  name: 'idempotency-insert-record',
  text: `
    INSERT INTO idempotency_records (scope, key, fingerprint, body) VALUES ($1, $2, $3, $4)
    ON CONFLICT (scope, key) DO NOTHING RETURNING key`,
};

// Replicas that delete at the same time share the work instead of waiting for each other.
const forgetRecords = {
  name: 'idempotency-forget-records',
  text: `
    WITH old AS (
      SELECT scope, key FROM idempotency_records WHERE created_at < $1
       ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED
    ), gone AS (
      DELETE FROM idempotency_records AS record USING old
       WHERE record.scope = old.scope AND record.key = old.key
      RETURNING old.key
    )
    SELECT count(*) AS count FROM gone`,
};

@Injectable()
export class IdempotencyStore {
  constructor(private readonly db: Db) {}

  /**
   * Claims the key until `tx` ends; never waits. `claimed: false`: another transaction holds it.
   * `earlier`: the key was answered before, which counts in either case.
   */
  async claim(
    tx: Tx,
    { scope, key }: RequestKey,
  ): Promise<{ claimed: boolean; earlier?: IdempotencyRecord }> {
    type Row = { claimed: boolean } & (IdempotencyRecord | { fingerprint: null; body: null });
    const [row] = await tx.query<Row>(claimKey, [scope, key]);
    if (!row) throw new Error('the claim of an idempotency key returned no row');
    return { claimed: row.claimed, earlier: row.fingerprint === null ? undefined : row };
  }

  /** @returns false when there is a record of the key already */
  async insert(tx: Tx, { scope, key }: RequestKey, record: IdempotencyRecord): Promise<boolean> {
    const values = [scope, key, record.fingerprint, record.body];
    return (await tx.query(insertRecord, values)).length === 1;
  }

  /** Deletes at most `limit` records older than `before`. @returns how many it deleted */
  async forget(before: Date, limit: number): Promise<number> {
    const [row] = await this.db.query<{ count: number }>(forgetRecords, [before, limit]);
    return row?.count ?? 0;
  }
}
