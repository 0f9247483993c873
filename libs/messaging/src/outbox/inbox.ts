import type { Database, Transaction } from './database';
import type { Message } from '../message';

const insertSeen = {
  name: 'messaging-insert-inbox',
  text: 'INSERT INTO inbox (queue, message_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1',
};

const insertSeenBatch = {
  name: 'messaging-insert-inbox-batch',
  text: `INSERT INTO inbox (queue, message_id)
         SELECT $1, id FROM unnest($2::text[]) AS id
         ON CONFLICT DO NOTHING RETURNING message_id`,
};

// Ahead, for a database whose services were all stopped for a while.
const makeDays = {
  name: 'messaging-make-inbox',
  // A column of the type void is more than some drivers read.
  text: `SELECT FROM partitions.make('inbox', 3)`,
};

const dropOldest = {
  name: 'messaging-drop-inbox',
  text: `SELECT partitions.drop_oldest('inbox', $1, 'received_at') AS dropped`,
};

// SKIP LOCKED: replicas that sweep at the same time share the work instead of waiting.
const deleteOld = {
  name: 'messaging-delete-inbox',
  text: `WITH gone AS (
           DELETE FROM inbox_default WHERE ctid IN (
             SELECT ctid FROM inbox_default WHERE received_at < now() - make_interval(days => $1)
             LIMIT $2 FOR UPDATE SKIP LOCKED)
           RETURNING 1)
         SELECT count(*)::integer AS count FROM gone`,
};

/**
 * Marks the message as handled, in the handler's own transaction: the mark and the effect commit
 * together or not at all. A second copy that runs at the same time waits for the first to end.
 * What else has an id and comes more than once may be marked too, under a name that no queue has.
 * @returns true the first time this message reaches this queue, false for every copy of it
 */
export async function once(
  tx: Transaction,
  message: Pick<Message, 'queue' | 'id'>,
): Promise<boolean> {
  const { queue, id } = message;
  const rows = await tx.query(insertSeen, [queue, id]);
  if (rows.length === 0) absorbed.add(message);
  return rows.length === 1;
}

/** `once` for a batch in one statement. @returns those that are here for the first time */
export async function onceEach<R extends { message: Message }>(
  tx: Transaction,
  batch: R[],
): Promise<R[]> {
  const queue = batch[0]?.message.queue;
  if (queue === undefined) return [];
  // One order for all: two replicas that meet the same ids must not wait for each other in a ring.
  const ids = [...new Set(batch.map(({ message }) => message.id))].sort();
  const rows = await tx.query<{ message_id: string }>(insertSeenBatch, [queue, ids]);
  const fresh = new Set(rows.map((row) => row.message_id));
  return batch.filter(({ message }) => {
    const isFresh = fresh.delete(message.id);
    if (!isFresh) absorbed.add(message);
    return isFresh;
  });
}

const absorbed = new WeakSet<object>();

/** Whether `once` or `onceEach` has found it to be a copy. */
export function isAbsorbed(message: object): boolean {
  return absorbed.has(message);
}

const selectSeen = {
  name: 'messaging-select-inbox',
  text: 'SELECT message_id FROM inbox WHERE queue = $1 AND message_id = ANY($2::text[])',
};

/** @returns those of the ids that have a mark of this queue */
export async function seenOf(db: Database, queue: string, ids: string[]): Promise<Set<string>> {
  const rows = await db.query<{ message_id: string }>(selectSeen, [queue, ids]);
  return new Set(rows.map((row) => row.message_id));
}

/** Marks a message whose handler keeps no mark of its own. */
export async function markSeen(
  db: Database,
  { queue, id }: Pick<Message, 'queue' | 'id'>,
): Promise<void> {
  await db.query(insertSeen, [queue, id]);
}

/**
 * Forgets marks older than `days`: drops the partitions of old days, and sweeps the default one,
 * where the marks of ids are that are no UUIDv7. A statement deletes `limit` at most, short enough
 * that no handler waits for it.
 * @returns how many were swept; fewer than there are only when the signal aborts
 */
export async function forgetOld(
  db: Database,
  days: number,
  limit: number,
  signal?: AbortSignal,
): Promise<number> {
  await db.query(makeDays);
  while (!signal?.aborted) {
    const [row] = await db.query<{ dropped: boolean }>(dropOldest, [days]);
    if (row?.dropped !== true) break;
  }
  let forgotten = 0;
  while (!signal?.aborted) {
    const [row] = await db.query<{ count: number }>(deleteOld, [days, limit]);
    const count = row?.count ?? 0;
    forgotten += count;
    if (count < limit) break;
  }
  return forgotten;
}
