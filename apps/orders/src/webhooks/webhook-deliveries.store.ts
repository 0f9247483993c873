import { Injectable } from '@nestjs/common';
import { Db, keepPartitions, type Tx } from '@tradepost/database';
import type { Delivery, DeliveryStatus, WebhookEvent } from './webhook';

export interface NewDelivery extends WebhookEvent {
  id: string;
  endpointId: string;
  orderId: string;
}

/** A delivery that is about to be sent. */
export interface DueDelivery {
  id: string;
  endpointId: string;
  url: string;
  secret: string;
  body: string;
}

/** The result of one try. */
export interface DeliveryResult {
  /** The HTTP status, when there was an answer. */
  status?: number;
  /** Why it failed; undefined: it was delivered. */
  error?: string;
}

const insertDeliveries = {
  name: 'orders-insert-webhook-deliveries',
  text: `
    INSERT INTO webhook_deliveries (id, endpoint_id, order_id, type, body, created_at)
    SELECT id, endpoint_id, order_id, type, body, now()
      FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[])
        AS delivery (id, endpoint_id, order_id, type, body)`,
};

// A parked one is pending again: an operator has replayed its dead letter.
const beginDelivery = {
  name: 'orders-begin-webhook-delivery',
  text: `
    UPDATE webhook_deliveries AS delivery
       SET status = 'pending', attempts = attempts + 1, last_attempt_at = now()
      FROM webhook_endpoints AS endpoint
     WHERE delivery.id = $1 AND delivery.status IN ('pending', 'parked')
       AND endpoint.id = delivery.endpoint_id AND endpoint.disabled_at IS NULL
    RETURNING delivery.id, endpoint_id AS "endpointId", url, secret, body`,
};

// Two copies of a message may be tried at once: that one of them was delivered stands.
const settleDelivery = {
  name: 'orders-settle-webhook-delivery',
  text: `
    UPDATE webhook_deliveries
       SET status = $2, last_status = $3, last_error = $4,
           delivered_at = CASE WHEN $2 = 'delivered' THEN now() END
     WHERE id = $1 AND status <> 'delivered'`,
};

const dropDelivery = {
  name: 'orders-drop-webhook-delivery',
  text: `
    UPDATE webhook_deliveries SET status = 'dropped'
     WHERE id = $1 AND status IN ('pending', 'parked')
    RETURNING id`,
};

// A statement for each filter, so that each has a plan of its own, on its own index.
const listDeliveries = (status?: DeliveryStatus) => ({
  name: `orders-list-webhook-deliveries${status ? '-status' : ''}`,
  text: `
    SELECT id, order_id AS "orderId", type, status, attempts, last_status AS "lastStatus",
           last_error AS "lastError", created_at AS "createdAt",
           last_attempt_at AS "lastAttemptAt", delivered_at AS "deliveredAt"
      FROM webhook_deliveries
     WHERE endpoint_id = $1 AND id < $2
       AND ${status ? 'status = $4' : '$4::text IS NULL'}
     ORDER BY id DESC LIMIT $3`,
});

// What has no partition of its day: few, if any.
const forgetDeliveries = {
  name: 'orders-forget-webhook-deliveries',
  text: `
    DELETE FROM webhook_deliveries_default WHERE created_at < now() - make_interval(days => $1)`,
};

@Injectable()
export class WebhookDeliveriesStore {
  constructor(private readonly db: Db) {}

  async insertEach(tx: Tx, deliveries: readonly NewDelivery[]): Promise<void> {
    if (deliveries.length === 0) return;
    tx.write(insertDeliveries, [
      deliveries.map(({ id }) => id),
      deliveries.map(({ endpointId }) => endpointId),
      deliveries.map(({ orderId }) => orderId),
      deliveries.map(({ type }) => type),
      deliveries.map(({ body }) => body),
    ]);
  }

  /** Counts a try. Undefined: it is done, or its endpoint is gone. */
  async begin(id: string): Promise<DueDelivery | undefined> {
    const [delivery] = await this.db.query<DueDelivery>(beginDelivery, [id]);
    return delivery;
  }

  async settle(
    id: string,
    status: DeliveryStatus,
    result: DeliveryResult,
    on: Tx | Db = this.db,
  ): Promise<void> {
    await on.query(settleDelivery, [id, status, result.status, result.error]);
  }

  /** @returns whether it was still to be delivered */
  async drop(id: string): Promise<boolean> {
    return (await this.db.query(dropDelivery, [id])).length === 1;
  }

  /** Of an endpoint, newest first, those before the id `before`. */
  async list(
    endpointId: string,
    status: DeliveryStatus | undefined,
    before: string,
    limit: number,
  ): Promise<Delivery[]> {
    const values = [endpointId, before, limit, status];
    return this.db.query<Delivery>(listDeliveries(status), values);
  }

  /** Forgets deliveries whose day is over for so many days. @returns how many days those were */
  async forget(days: number): Promise<number> {
    await this.db.query(forgetDeliveries, [days]);
    return keepPartitions(this.db, { table: 'webhook_deliveries', days });
  }
}
