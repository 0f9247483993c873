import type { Database } from '../outbox/database';

/** Messages of one queue that wait in the database. */
export interface HeldCount {
  /** Counted up to 100,000, as all below. */
  waiting: number;
  /** Their keys. */
  keys: number;
  /** Of these, those that stand still until an operator decides about a dead letter. */
  stopped: number;
  /** How long the oldest of them has waited; 0: there is none. */
  oldestSeconds: number;
}

// In the order of an index, so that what lies beyond the bound costs nothing.
const countHeld = {
  name: 'messaging-count-held',
  text: `SELECT queue, coalesce(sum(messages), 0)::integer AS waiting,
           count(messages)::integer AS keys,
           (count(*) FILTER (WHERE is_stopped))::integer AS stopped,
           coalesce(extract(epoch FROM clock_timestamp() - min(held_at)), 0)::float8
             AS "oldestSeconds"
         FROM unnest($1::text[]) AS queue LEFT JOIN LATERAL (
           SELECT count(*) AS messages, bool_or(is_stopped) AS is_stopped,
             min(held_at) AS held_at
           FROM (SELECT key, is_stopped, held_at FROM held_messages AS one
                 WHERE one.queue = queue.queue ORDER BY key, position LIMIT 100000) AS counted
           GROUP BY key) AS line ON true
         GROUP BY queue ORDER BY queue`,
};

/** Of each of these queues. */
export async function countHeldOf(
  db: Database,
  queues: readonly string[],
): Promise<Record<string, HeldCount>> {
  const rows = await db.query<HeldCount & { queue: string }>(countHeld, [queues]);
  const counts = rows.map(({ queue, oldestSeconds, ...count }) => {
    // The clocks of this machine and of the database may differ a little.
    const seconds = Math.max(0, Math.round(oldestSeconds * 10) / 10);
    return [queue, { ...count, oldestSeconds: seconds }] as const;
  });
  return Object.fromEntries(counts);
}
