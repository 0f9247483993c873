import { Injectable } from '@nestjs/common';
import { Db, type Tx } from '@tradepost/database';
import type { Endpoint, WebhookType } from './webhook';

export type NewEndpoint = Pick<Endpoint, 'id' | 'url' | 'events' | 'createdAt'> & {
  secret: string;
};

const columns = `
  id, url, events, created_at AS "createdAt",
  disabled_at AS "disabledAt", disabled_reason AS "disabledReason"`;

// The next statement has a snapshot of its own: it counts what the lock's last holder has added.
const lockCount = {
  name: 'orders-lock-webhook-count',
  text: `SELECT pg_advisory_xact_lock(hashtextextended('webhook_endpoints', 0))`,
};

const insertEndpoint = {
  name: 'orders-insert-webhook',
  text: `
    INSERT INTO webhook_endpoints (id, url, events, secret, created_at)
    SELECT $1::uuid, $2, $3::text[], $4, $5::timestamptz
     WHERE (SELECT count(*) FROM webhook_endpoints) < $6
    RETURNING id`,
};

const findEndpoint = {
  name: 'orders-find-webhook',
  text: `SELECT ${columns} FROM webhook_endpoints WHERE id = $1`,
};

const listEndpoints = {
  name: 'orders-list-webhooks',
  text: `SELECT ${columns} FROM webhook_endpoints WHERE id < $1 ORDER BY id DESC LIMIT $2`,
};

const deleteEndpoint = {
  name: 'orders-delete-webhook',
  text: `DELETE FROM webhook_endpoints WHERE id = $1 RETURNING id`,
};

const subscribedEndpoints = {
  name: 'orders-subscribedTo-webhooks',
  text: `
    SELECT id, events FROM webhook_endpoints
     WHERE disabled_at IS NULL AND events && $1::text[]`,
};

const disableEndpoint = {
  name: 'orders-disable-webhook',
  text: `
    UPDATE webhook_endpoints SET disabled_at = now(), disabled_reason = $2
     WHERE id = $1 AND disabled_at IS NULL`,
};

@Injectable()
export class WebhooksStore {
  constructor(private readonly db: Db) {}

  /** @returns false when there are `max` already */
  async insert(tx: Tx, endpoint: NewEndpoint, max: number): Promise<boolean> {
    const { id, url, events, secret, createdAt } = endpoint;
    await tx.query(lockCount);
    const rows = await tx.query(insertEndpoint, [id, url, events, secret, createdAt, max]);
    return rows.length === 1;
  }

  async find(id: string): Promise<Endpoint | undefined> {
    const [endpoint] = await this.db.query<Endpoint>(findEndpoint, [id]);
    return endpoint;
  }

  /** Newest first, those before the id `before`. */
  async list(before: string, limit: number): Promise<Endpoint[]> {
    return this.db.query<Endpoint>(listEndpoints, [before, limit]);
  }

  /** @returns false when there is no such endpoint */
  async remove(id: string): Promise<boolean> {
    return (await this.db.query(deleteEndpoint, [id])).length === 1;
  }

  /** The enabled endpoints that subscribe to any of the types. */
  async subscribedTo(tx: Tx, types: WebhookType[]): Promise<Pick<Endpoint, 'id' | 'events'>[]> {
    return tx.query<Pick<Endpoint, 'id' | 'events'>>(subscribedEndpoints, [types]);
  }

  async disable(tx: Tx, id: string, reason: string): Promise<void> {
    await tx.query(disableEndpoint, [id, reason]);
  }
}
