import type { Database } from '../outbox/database';

/** A message that waits in the database. */
export interface HeldMessage {
  messageId: string;
  key: string;
  /** As AMQP has them. */
  properties: Buffer;
  content: Buffer;
}

/** One whose turn it is; nobody else tries it for a while. */
export interface DueMessage extends HeldMessage {
  version: number;
}

/** One whose process died in the middle is tried again after that. */
const leaseSeconds = 15;

const insertHeld = {
  name: 'messaging-hold',
  text: `INSERT INTO held_messages
           (queue, message_id, key, properties, content, not_before, is_stopped)
         VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $6), $7)
         ON CONFLICT (queue, message_id) DO UPDATE
         SET properties = excluded.properties, version = held_messages.version + 1,
             not_before = excluded.not_before, is_stopped = excluded.is_stopped`,
};

const insertBehind = {
  name: 'messaging-hold-behind',
  text: `INSERT INTO held_messages (queue, message_id, key, properties, content, not_before)
         VALUES ($1, $2, $3, $4, $5, now())
         ON CONFLICT (queue, message_id) DO NOTHING`,
};

const selectHeldKeys = {
  name: 'messaging-held-keys',
  text: 'SELECT DISTINCT key FROM held_messages WHERE queue = $1 AND key = ANY($2::text[])',
};

const selectStopped = {
  name: 'messaging-stopped',
  text: 'SELECT FROM held_messages WHERE queue = $1 AND message_id = $2 AND is_stopped',
};

// The first of each key alone, whatever its state: what is behind it waits for it.
const leaseDue = {
  name: 'messaging-lease-held',
  text: `UPDATE held_messages SET not_before = now() + interval '${leaseSeconds} seconds',
           version = version + 1
         WHERE (queue, message_id) IN (
           SELECT queue, message_id FROM held_messages AS one
            WHERE queue = $1 AND not_before <= now() AND NOT is_stopped AND NOT EXISTS (
              SELECT FROM held_messages AS before WHERE before.queue = one.queue
                AND before.key = one.key AND before.position < one.position)
            ORDER BY position LIMIT $2 FOR UPDATE SKIP LOCKED)
         RETURNING message_id AS "messageId", key, properties, content, version`,
};

const renewLeases = {
  name: 'messaging-renew-held',
  text: `UPDATE held_messages SET not_before = now() + interval '${leaseSeconds} seconds'
         WHERE queue = $1 AND message_id = ANY($2::text[]) AND not_before > now()`,
};

const deleteDone = {
  name: 'messaging-held-done',
  text: 'DELETE FROM held_messages WHERE queue = $1 AND message_id = $2 AND version = $3',
};

const deleteHeld = {
  name: 'messaging-release-held',
  text: 'DELETE FROM held_messages WHERE queue = $1 AND message_id = $2',
};

/** The messages of one queue that wait in the service's database, in lines: one for each key. */
export class HeldMessages {
  constructor(
    private readonly db: Database,
    private readonly queue: string,
  ) {}

  /** It has failed: it keeps its place, or goes behind all. A stopped one stops its key. */
  async hold(message: HeldMessage, waitMs: number, isStopped = false): Promise<void> {
    const { messageId, key, properties, content } = message;
    const values = [this.queue, messageId, key, properties, content, waitMs / 1_000, isStopped];
    await this.db.query(insertHeld, values);
  }

  /** It waits for those of its key before it. A copy of one that waits is left out. */
  async holdBehind({ messageId, key, properties, content }: HeldMessage): Promise<void> {
    await this.db.query(insertBehind, [this.queue, messageId, key, properties, content]);
  }

  /** @returns those of the keys of which a message waits */
  async heldOf(keys: readonly string[]): Promise<Set<string>> {
    const rows = await this.db.query<{ key: string }>(selectHeldKeys, [this.queue, keys]);
    return new Set(rows.map(({ key }) => key));
  }

  /** Whether its dead letter holds up its key. */
  async isStopped(messageId: string): Promise<boolean> {
    return (await this.db.query(selectStopped, [this.queue, messageId])).length === 1;
  }

  /** The first of each key whose time has come: the caller's, while it renews that. */
  async lease(max: number): Promise<DueMessage[]> {
    return this.db.query<DueMessage>(leaseDue, [this.queue, max]);
  }

  async renew(messageIds: string[]): Promise<void> {
    await this.db.query(renewLeases, [this.queue, messageIds]);
  }

  /** Forgets one that was leased, unless it has been held anew since. */
  async done({ messageId, version }: DueMessage): Promise<void> {
    await this.db.query(deleteDone, [this.queue, messageId, version]);
  }

  /** Forgets it, however it stands: the next of its key may go on. */
  async release(messageId: string): Promise<void> {
    await this.db.query(deleteHeld, [this.queue, messageId]);
  }
}
