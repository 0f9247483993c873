import type { Tx } from './tx';

// In one order for all, so that two transactions with many ids never wait for each other.
const lockSorted = {
  name: 'lock-ids',
  text: `
    SELECT pg_advisory_xact_lock(hashtextextended(id::text, 0))
    FROM (SELECT id FROM unnest($1::uuid[]) AS given (id) ORDER BY id) AS sorted`,
};

/**
 * Until the transaction ends, no other one can lock any of these ids. It is for effects that each
 * look for what the other one wrote: side by side, neither would find it. Only the server waits for
 * the lock: it goes out with the next statement.
 */
export async function lockIds(tx: Tx, ids: string[]): Promise<void> {
  tx.write(lockSorted, [ids]);
}
