/** A key of which messages wait in the database, one behind the other. */
export interface HeldKey {
  queue: string;
  key: string;
  /** Its messages that wait. */
  waiting: number;
  /** The first of them. */
  messageId: string;
  /** Stopped: the first is a dead letter, and the key goes on when it is replayed or discarded. */
  state: 'retrying' | 'stopped';
  /** Since when the oldest waits, ISO 8601. */
  heldSince: string;
  /** Of the first; while it is tried some seconds ahead. Null: stopped. */
  nextTryAt: string | null;
}
