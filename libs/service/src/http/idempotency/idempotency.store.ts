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
const claimKeys = {
  name: 'idempotency-claim-keys',
  text: `
    SELECT pg_try_advisory_xact_lock(hashtextextended(scope || ' ' || key, 0)) AS claimed,
           fingerprint, body
      FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS request (scope, key, position)
      LEFT JOIN idempotency_records USING (scope, key)
     ORDER BY position`,
};

// The record of a request that committed after `claimEach` took its snapshot is not in that
// snapshot, but in the index.
const insertRecords = {
  name: 'idempotency-insert-records',
  text: `
    INSERT INTO idempotency_records (scope, key, fingerprint, body)
    SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::text[])
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
   * Claims the keys until `tx` ends; never waits. `claimed: false`: another transaction holds it.
   * `earlier`: the key was answered before, which counts in either case.
   */
  async claimEach(
    tx: Tx,
    requests: readonly RequestKey[],
  ): Promise<{ claimed: boolean; earlier?: IdempotencyRecord }[]> {
    type Row = { claimed: boolean } & (IdempotencyRecord | { fingerprint: null; body: null });
    const rows = await tx.query<Row>(claimKeys, keysOf(requests));
    return rows.map(({ claimed, ...record }) => ({
      claimed,
      earlier: record.fingerprint === null ? undefined : record,
    }));
  }

  /** @returns false when there is a record of one of the keys already */
  async insertEach(tx: Tx, records: readonly (RequestKey & IdempotencyRecord)[]): Promise<boolean> {
    if (records.length === 0) return true;
    const fingerprints = records.map(({ fingerprint }) => fingerprint);
    const bodies = records.map(({ body }) => body);
    const values = [...keysOf(records), fingerprints, bodies];
    return (await tx.query(insertRecords, values)).length === records.length;
  }

  /** Deletes at most `limit` records older than `before`. @returns how many it deleted */
  async forget(before: Date, limit: number): Promise<number> {
    const [row] = await this.db.query<{ count: number }>(forgetRecords, [before, limit]);
    return row?.count ?? 0;
  }
}

function keysOf(requests: readonly RequestKey[]): [scopes: string[], keys: string[]] {
  return [requests.map(({ scope }) => scope), requests.map(({ key }) => key)];
}
