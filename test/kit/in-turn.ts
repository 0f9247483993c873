import type { Db, Tx } from '@tradepost/database';
import { eventually } from '../../dev/time';

/**
 * A race with its order forced: `first` runs in a transaction that stays open until `second`, begun
 * after it, waits for one of its locks, or has ended without. Then `last` runs in it, and it commits.
 * @returns what `second` came to
 */
export async function inTurn<T>(
  db: Db,
  first: (tx: Tx) => Promise<unknown>,
  second: () => Promise<T>,
  last?: (tx: Tx) => Promise<unknown>,
): Promise<T> {
  const [outcome] = await db.transaction(async (tx) => {
    await first(tx);
    let hasEnded = false;
    const racing = second().finally(() => (hasEnded = true));
    const settled = Promise.allSettled([racing]);
    await eventually(async () => {
      if (!hasEnded && (await waiting(db)) === 0) throw new Error('the second waits for no lock');
    });
    await last?.(tx);
    return [settled];
  });
  const [result] = await outcome;
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

/** How many statements of this database wait for a lock. */
async function waiting(db: Db): Promise<number> {
  const text = `
    SELECT count(*) AS waiting FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  const [row] = await db.query<{ waiting: number }>({ name: 'test-waiting', text });
  return row?.waiting ?? 0;
}
