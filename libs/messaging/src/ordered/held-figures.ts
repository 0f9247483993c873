import type { Database } from '../outbox/database';
import type { HeldKey } from './held-key';

/** Messages of one queue that wait in the database. */
export interface HeldCount {
  /** Counted up to 100,000, as all below but what is stopped. */
  waiting: number;
  /** Their keys. */
  keys: number;
  /** Of these, those that stand still until an operator decides about a dead letter. */
  stopped: number;
  /** How long the oldest of them has waited; 0: there is none. */
  oldestSeconds: number;
}

// In the order of an index, so that what lies beyond the bound costs nothing.
const first100k = `FROM (SELECT key, position, message_id, is_stopped, held_at, not_before
        FROM held_messages AS one WHERE one.queue = queue.queue
        ORDER BY key, position LIMIT 100000) AS counted`;

const countHeld = {
  name: 'messaging-count-held',
  text: `SELECT queue, coalesce(sum(messages), 0)::integer AS waiting,
           count(messages)::integer AS keys, stopped.keys::integer AS stopped,
           coalesce(extract(epoch FROM
             clock_timestamp() - least(min(line.held_at), stopped.held_at)), 0)::float8
             AS "oldestSeconds"
         FROM unnest($1::text[]) AS queue
         CROSS JOIN LATERAL (
           SELECT count(DISTINCT key) AS keys, min(held_at) AS held_at
           FROM held_messages AS one WHERE one.queue = queue.queue AND is_stopped) AS stopped
         LEFT JOIN LATERAL (
           SELECT count(*) AS messages, min(held_at) AS held_at
           ${first100k} GROUP BY key) AS line ON true
         GROUP BY queue, stopped.keys, stopped.held_at ORDER BY queue`,
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

const keyLine = `count(*)::integer AS waiting, min(held_at) AS held_at,
        (array_agg(message_id ORDER BY position))[1] AS "messageId",
        (array_agg(not_before ORDER BY position))[1] AS not_before`;

const selectHeldKeys = {
  name: 'messaging-select-held-keys',
  text: `SELECT queue, key, waiting, "messageId", "isStopped",
           extract(epoch FROM held_at)::float8 AS "heldAt",
           extract(epoch FROM not_before)::float8 AS "notBefore"
         FROM unnest($1::text[]) AS queue, LATERAL (
           SELECT stopped.key, true AS "isStopped", line.*
           FROM (SELECT key FROM held_messages AS one
                 WHERE one.queue = queue.queue AND is_stopped
                 GROUP BY key ORDER BY min(held_at) LIMIT $2) AS stopped,
             LATERAL (SELECT ${keyLine}
                      FROM (SELECT message_id, position, held_at, not_before
                            FROM held_messages AS one
                            WHERE one.queue = queue.queue AND one.key = stopped.key
                            ORDER BY position LIMIT 100000) AS counted) AS line
           UNION ALL
           SELECT key, false, ${keyLine}
           ${first100k} GROUP BY key HAVING NOT bool_or(is_stopped)) AS line
         ORDER BY "isStopped" DESC, held_at, queue, key LIMIT $2`,
};

interface HeldKeyRow extends Pick<HeldKey, 'queue' | 'key' | 'waiting' | 'messageId'> {
  isStopped: boolean;
  /** Seconds, as every client of a database reads them. */
  heldAt: number;
  notBefore: number;
}

/** Stopped ones first, then those that have waited longest. */
export async function heldKeysOf(
  db: Database,
  queues: readonly string[],
  max: number,
): Promise<HeldKey[]> {
  const rows = await db.query<HeldKeyRow>(selectHeldKeys, [queues, max]);
  return rows.map(({ isStopped, heldAt, notBefore, ...row }) => ({
    ...row,
    state: isStopped ? 'stopped' : 'retrying',
    heldSince: isoOf(heldAt),
    nextTryAt: isStopped ? null : isoOf(notBefore),
  }));
}

function isoOf(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}
