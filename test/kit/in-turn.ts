import type { Db, Tx } from '@tradepost/database';
import { eventually } from '@tradepost/messaging/testing';

/**
 * A race with its order forced: `first` runs in a transaction that stays open until `second`, begun
 * after it, waits for one of its locks, or has ended without. Then `last` runs in it, and it
 * commits.
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
    const racing = second();
    const settled = Promise.allSettled([racing]);
    await heldUp(db, racing);
    await last?.(tx);
    return [settled];
  });
  const [result] = await outcome;
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

/** Resolves when `work` has ended, or so many statements of the database wait for a lock. */
export async function heldUp(db: Db, work: Promise<unknown>, waitingMin = 1): Promise<void> {
  let hasEnded = false;
  const ended = () => (hasEnded = true);
  work.then(ended, ended);
  await eventually(async () => {
    if (!hasEnded && (await waiting(db)) < waitingMin) throw new Error('it waits for no lock');
  });
}

async function waiting(db: Db): Promise<number> {
  const text = `
    SELECT count(*) AS waiting FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  const [row] = await db.query<{ waiting: number }>({ name: 'test-waiting', text });
  return row?.waiting ?? 0;
}
