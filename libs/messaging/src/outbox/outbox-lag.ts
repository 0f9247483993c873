import type { Database } from './database';

// By id: ids are in order of time, and the primary key finds the first at once.
const selectOldest = {
  name: 'messaging-oldest-outbox',
  text: `SELECT extract(epoch FROM clock_timestamp() - created_at)::float8 AS seconds
         FROM outbox ORDER BY id LIMIT 1`,
};

/** @returns how long the oldest message of the outbox has waited, in seconds; 0: none waits */
export async function outboxLag(db: Database): Promise<number> {
  const [row] = await db.query<{ seconds: number }>(selectOldest);
  // The clocks of this machine and of the database may differ a little.
  return Math.max(0, Math.round((row?.seconds ?? 0) * 10) / 10);
}
