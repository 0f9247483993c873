import { Injectable } from '@nestjs/common';
import { Db, type Tx } from '@tradepost/database';
import type { OrderFacts, OrderStatus } from './order';
import type { Order, OrderDetails, TimelineEntry } from './order-details';

/** What a verdict changes in an order. */
export interface Move {
  states: OrderStatus[];
  booked: boolean;
  refunded: boolean;
  cause: string;
  customerName?: string;
}

export interface OrderFilter {
  status?: OrderStatus;
  customerId?: string;
}

type OrderRow = Omit<Order, 'createdAt'> & { createdAt: Date };

const columns = `
  id, status, customer_id AS "customerId", customer_name AS "customerName",
  currency, total, items, created_at AS "createdAt"`;

const insertOrder = {
  name: 'orders-insert-order',
  text: `
    WITH placed AS (
      INSERT INTO orders
        (id, customer_id, currency, total, items, payment_token, status, created_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
      RETURNING id, status, created_at
    )
    INSERT INTO order_timeline (order_id, step, state, at, cause)
    SELECT id, 1, status, created_at, $9 FROM placed`,
};

const lockOrder = {
  name: 'orders-lock-order',
  text: `SELECT status, booked, refunded, total, currency FROM orders WHERE id = $1 FOR UPDATE`,
};

const moveOrder = {
  name: 'orders-move-order',
  text: `
    WITH moved AS (
      UPDATE orders
         SET status = coalesce($2, status),
             booked = $3,
             refunded = $4,
             customer_name = coalesce($5, customer_name)
       WHERE id = $1
      RETURNING id
    )
    INSERT INTO order_timeline (order_id, step, state, at, cause)
    SELECT moved.id, last.step + next.number, next.state, $7, $8
      FROM moved,
           (SELECT max(step) AS step FROM order_timeline WHERE order_id = $1) AS last,
           unnest($6::text[]) WITH ORDINALITY AS next (state, number)`,
};

// One statement, one snapshot: status and timeline never contradict each other.
const findOrder = {
  name: 'orders-find-order',
  text: `
    SELECT ${columns}, payment_token AS "paymentToken",
           (SELECT json_agg(
                     json_build_object('state', state, 'at', at, 'cause', cause) ORDER BY step)
              FROM order_timeline WHERE order_id = id) AS timeline
      FROM orders WHERE id = $1`,
};

// A statement for each set of filters, so that each has a plan of its own, on its own index.
function listOrders({ status, customerId }: OrderFilter): { name: string; text: string } {
  return {
    name: `orders-list-orders${status ? '-status' : ''}${customerId ? '-customer' : ''}`,
    text: `
      SELECT ${columns} FROM orders
       WHERE id < $1
         AND ${status ? 'status = $3' : '$3::text IS NULL'}
         AND ${customerId ? 'customer_id = $4' : '$4::text IS NULL'}
       ORDER BY id DESC LIMIT $2`,
  };
}

/** Above every UUIDv7: where a list begins, newest first. */
export const newest = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

@Injectable()
export class OrdersStore {
  constructor(private readonly db: Db) {}

  async insert(tx: Tx, order: OrderDetails, paymentToken: string | undefined): Promise<void> {
    await tx.query(insertOrder, [
      order.id,
      order.customerId,
      order.currency,
      order.total,
      JSON.stringify(order.items),
      paymentToken,
      order.status,
      order.createdAt,
      order.timeline[0]?.cause,
    ]);
  }

  /** Until `tx` ends nobody else decides about this order. Undefined: there is none. */
  async lock(tx: Tx, id: string): Promise<OrderFacts | undefined> {
    const [facts] = await tx.query<OrderFacts & { id: string }>(lockOrder, [id]);
    return facts;
  }

  /** Of an order that `tx` has locked. */
  async move(tx: Tx, id: string, move: Move): Promise<void> {
    const { states, booked, refunded, cause, customerName } = move;
    const known = [booked, refunded, customerName];
    await tx.query(moveOrder, [id, states.at(-1), ...known, states, new Date(), cause]);
  }

  /** With what its customer pays by, which is for the payment gateway alone. */
  async find(
    id: string,
    on: Tx | Db = this.db,
  ): Promise<{ order: OrderDetails; paymentToken?: string } | undefined> {
    type Row = OrderRow & { paymentToken: string | null; timeline: TimelineEntry[] };
    const [row] = await on.query<Row>(findOrder, [id]);
    if (!row) return undefined;
    const { paymentToken, timeline, ...order } = row;
    const steps = timeline.map((step) => ({ ...step, at: new Date(step.at).toISOString() }));
    return {
      order: { ...toOrder(order), timeline: steps },
      paymentToken: paymentToken ?? undefined,
    };
  }

  /** Newest first, those before the id `before`. */
  async list(filter: OrderFilter, before: string, limit: number): Promise<Order[]> {
    const values = [before, limit, filter.status, filter.customerId];
    const rows = await this.db.query<OrderRow>(listOrders(filter), values);
    return rows.map(toOrder);
  }
}

function toOrder(row: OrderRow): Order {
  return { ...row, createdAt: row.createdAt.toISOString() };
}
