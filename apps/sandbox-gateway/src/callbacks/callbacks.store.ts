import { Injectable } from '@nestjs/common';
import { Db, type Tx } from '@tradepost/database';

const insertCallbacks = {
  name: 'callbacks-insert',
  text: `
    INSERT INTO sandbox_callbacks (webhook_id, body, due_at)
    SELECT "webhookId", body, now() + "inMs" * interval '1 millisecond'
    FROM jsonb_to_recordset($1) AS given ("webhookId" text, body text, "inMs" integer)`,
};

// A replica that takes one holds it for a while; then it is due again, as that replica is dead.
const takeDue = {
  name: 'callbacks-take-due',
  text: `
    UPDATE sandbox_callbacks SET tries = tries + 1, due_at = now() + $2 * interval '1 millisecond'
    WHERE id IN (
      SELECT id FROM sandbox_callbacks WHERE NOT given_up AND due_at <= now()
      ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED
    )
    RETURNING id, webhook_id AS "webhookId", body, tries`,
};

const deleteCallback = {
  name: 'callbacks-delete',
  text: 'DELETE FROM sandbox_callbacks WHERE id = $1',
};

const postpone = {
  name: 'callbacks-postpone',
  text: `
    UPDATE sandbox_callbacks
    SET due_at = now() + $2 * interval '1 millisecond', last_error = $3, given_up = $4
    WHERE id = $1`,
};

export interface NewCallback {
  webhookId: string;
  body: string;
  /** From now on, until it is sent. */
  inMs: number;
}

export interface DueCallback {
  id: number;
  webhookId: string;
  body: string;
  /** 1 for the first. */
  tries: number;
}

/** Callbacks that are still to be sent. */
@Injectable()
export class CallbacksStore {
  constructor(private readonly db: Db) {}

  async add(callbacks: NewCallback[], tx: Tx | Db = this.db): Promise<void> {
    if (callbacks.length > 0) await tx.query(insertCallbacks, [JSON.stringify(callbacks)]);
  }

  /** @param heldMs no other replica takes them for so long */
  async takeDue(max: number, heldMs: number): Promise<DueCallback[]> {
    return this.db.query<DueCallback>(takeDue, [max, heldMs]);
  }

  async delete(id: number): Promise<void> {
    await this.db.query(deleteCallback, [id]);
  }

  async postpone(id: number, inMs: number, error: string, givenUp: boolean): Promise<void> {
    await this.db.query(postpone, [id, inMs, error, givenUp]);
  }
}
