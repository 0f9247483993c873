import { Injectable } from '@nestjs/common';
import { Db, type Tx } from '@tradepost/database';
import type { OrderEvent, OrderFacts, Transition } from './order';
import type { Order, OrderDetails, TimelineEntry } from './order-details';
import type { OrdersQuery } from './order-request';

/** What an event writes to an order. */
export type Move = Omit<Extract<Transition, { kind: 'change' }>, 'kind'> & Omit<OrderEvent, 'name'>;

export type OrderFilter = Pick<OrdersQuery, 'status' | 'customerId' | 'include'>;

/** An order that has stayed where it is for too long. */
export interface OverdueOrder {
  id: string;
  /** How often it was checked since its last change, this time included. */
  checks: number;
}

type OrderRow = Omit<Order, 'createdAt'> & { createdAt: Date; timeline?: TimelineEntry[] };

const columns = `
  id, status, customer_id AS "customerId", customer_name AS "customerName",
  currency, total, items, created_at AS "createdAt"`;

// Beside the order in one statement, one snapshot: status and timeline never contradict each other.
const timelineColumn = `
  (SELECT json_agg(json_build_object('state', state, 'at', at, 'cause', cause) ORDER BY step)
     FROM order_timeline WHERE order_id = id) AS timeline`;

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
             customer_name = coalesce($5, customer_name),
             checked_at = now(),
             checks = 0
       WHERE id = $1
      RETURNING id
    )
    INSERT INTO order_timeline (order_id, step, state, at, cause)
    SELECT moved.id, last.step + next.number, next.state, $7, $8
      FROM moved,
           (SELECT max(step) AS step FROM order_timeline WHERE order_id = $1) AS last,
           unnest($6::text[]) WITH ORDINALITY AS next (state, number)`,
};

const findOrder = {
  name: 'orders-find-order',
  text: `
    SELECT ${columns}, payment_token AS "paymentToken", ${timelineColumn}
      FROM orders WHERE id = $1`,
};

// A statement for each set of filters, so that each has a plan of its own, on its own index.
function listOrders({ status, customerId, include }: OrderFilter): { name: string; text: string } {
  const given = { status, customer: customerId, [String(include)]: include };
  const names = Object.entries(given).flatMap(([name, value]) => (value ? [`-${name}`] : []));
  return {
    name: `orders-list-orders${names.join('')}`,
    text: `
      SELECT ${columns}${include ? `, ${timelineColumn}` : ''} FROM orders
       WHERE id < $1
         AND ${status ? 'status = $3' : '$3::text IS NULL'}
         AND ${customerId ? 'customer_id = $4' : '$4::text IS NULL'}
       ORDER BY id DESC LIMIT $2`,
  };
}

// The replica that takes an order is the only one to check it until it is overdue again: replicas
// that sweep at the same time share the work, and a check that dies with its process is repeated
// then. From its third check on an order waits longer, up to four times as long: resending what
// waits in a backlog makes the backlog grow.
const takeOverdue = {
  name: 'orders-take-overdue',
  text: `
    WITH overdue AS (
      SELECT id FROM orders
       WHERE status IN ('pending', 'awaiting_payment', 'paid', 'cancel_pending')
         AND checked_at < now() - make_interval(secs => $1)
         AND checked_at < now() - make_interval(secs => $1) * least(power(2, checks - 1), 4)
       ORDER BY checked_at LIMIT $2 FOR UPDATE SKIP LOCKED
    )
    UPDATE orders SET checked_at = now(), checks = checks + 1
      FROM overdue WHERE orders.id = overdue.id
    RETURNING orders.id, orders.checks`,
};

/** The topic of commits that added to a timeline. */
export const timelineTopic = 'order-timeline';

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
    tx.note(timelineTopic);
  }

  /** Locks the order until `tx` ends. Undefined: there is none. */
  async lock(tx: Tx, id: string): Promise<OrderFacts | undefined> {
    const [facts] = await tx.query<OrderFacts & { id: string }>(lockOrder, [id]);
    return facts;
  }

  /** Of an order that `tx` has locked. For MoveOrder alone, which sends the webhooks. */
  async move(tx: Tx, id: string, move: Move): Promise<void> {
    const { states, booked, refunded, cause, customerName } = move;
    const known = [booked, refunded, customerName];
    await tx.query(moveOrder, [id, states.at(-1), ...known, states, new Date(), cause]);
    tx.note(timelineTopic);
  }

  /** With its payment token, which is for the payment gateway alone. */
  async find(
    id: string,
    on: Tx | Db = this.db,
  ): Promise<{ order: OrderDetails; paymentToken?: string } | undefined> {
    type Row = OrderRow & { paymentToken: string | null; timeline: TimelineEntry[] };
    const [row] = await on.query<Row>(findOrder, [id]);
    if (!row) return undefined;
    const { paymentToken, ...order } = row;
    return { order: toDetails(order), paymentToken: paymentToken ?? undefined };
  }

  /** Newest first, those before the id `before`. */
  async list(
    filter: OrderFilter,
    before: string,
    limit: number,
  ): Promise<(Order | OrderDetails)[]> {
    const values = [before, limit, filter.status, filter.customerId];
    const rows = await this.db.query<OrderRow>(listOrders(filter), values);
    return rows.map(({ timeline, ...row }) =>
      timeline ? toDetails({ ...row, timeline }) : toOrder(row),
    );
  }

  /**
   * Takes at most `limit` orders that neither changed nor were checked for `deadlineMs`, or for
   * longer once they were checked twice.
   */
  async takeOverdue(deadlineMs: number, limit: number): Promise<OverdueOrder[]> {
    return this.db.query<OverdueOrder>(takeOverdue, [deadlineMs / 1_000, limit]);
  }
}

function toOrder(row: Omit<OrderRow, 'timeline'>): Order {
  return { ...row, createdAt: row.createdAt.toISOString() };
}

function toDetails({ timeline, ...row }: OrderRow & { timeline: TimelineEntry[] }): OrderDetails {
  const steps = timeline.map((step) => ({ ...step, at: new Date(step.at).toISOString() }));
  return { ...toOrder(row), timeline: steps };
}
