import { Injectable } from '@nestjs/common';
import { Db, keepPartitions, type Tx } from '@tradepost/database';

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

// Of two requests with one key the second would wait for the first one's commit, holding one of few
// connections. The lock, which ends with the transaction, refuses it at once instead.
const lockKeys = {
  name: 'idempotency-lock-keys',
  text: `
    SELECT pg_try_advisory_xact_lock(hashtextextended(scope || ' ' || key, 0)) AS claimed
      FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS request (scope, key, position)
     ORDER BY position`,
};

// After the locks, in a snapshot of its own: a record that the lock's last holder wrote is in it.
const findRecords = {
  name: 'idempotency-find-records',
  text: `
    SELECT position, fingerprint, body
      FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS request (scope, key, position)
      JOIN idempotency_records USING (scope, key)
     WHERE created_at > now() - interval '1 day'`,
};

const insertRecords = {
  name: 'idempotency-insert-records',
  text: `
    INSERT INTO idempotency_records (scope, key, fingerprint, body)
    SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::text[])`,
};

// What has no partition of its day: few, if any.
const forgetRecords = {
  name: 'idempotency-forget-records',
  text: `DELETE FROM idempotency_records_default WHERE created_at < now() - interval '1 day'`,
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
    const keys = keysOf(requests);
    const [locks, found] = await Promise.all([
      tx.query<{ claimed: boolean }>(lockKeys, keys),
      tx.query<IdempotencyRecord & { position: number }>(findRecords, keys),
    ]);
    const earlier = new Map(found.map(({ position, ...record }) => [position, record]));
    return locks.map(({ claimed }, index) => ({ claimed, earlier: earlier.get(index + 1) }));
  }

  /** Of keys that `tx` has claimed. */
  insertEach(tx: Tx, records: readonly (RequestKey & IdempotencyRecord)[]): void {
    if (records.length === 0) return;
    const fingerprints = records.map(({ fingerprint }) => fingerprint);
    const bodies = records.map(({ body }) => body);
    tx.write(insertRecords, [...keysOf(records), fingerprints, bodies]);
  }

  /** Forgets the records of days before yesterday. @returns how many days those were */
  async forget(): Promise<number> {
    await this.db.query(forgetRecords);
    return keepPartitions(this.db, { table: 'idempotency_records', days: 1 });
  }
}

function keysOf(requests: readonly RequestKey[]): [scopes: string[], keys: string[]] {
  return [requests.map(({ scope }) => scope), requests.map(({ key }) => key)];
}
