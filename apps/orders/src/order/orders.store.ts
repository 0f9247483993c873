import { Injectable } from '@nestjs/common';
import { Db, type Tx } from '@tradepost/database';
import type { Flow } from '@tradepost/messaging';
import type { OrderFacts, OrderStatus } from './order';
import type { Order, OrderDetails, TimelineEntry } from './order-details';
import type { OrdersQuery } from './order-request';

export interface NewOrder extends OrderDetails {
  paymentToken?: string;
}

export interface FoundOrder {
  order: OrderDetails;
  paymentToken?: string;
}

/** An order whose row a transaction has locked: what decides about it, and what its sale needs. */
export interface LockedOrder
  extends OrderFacts, Pick<Order, 'id' | 'customerId' | 'customerName' | 'items'> {
  /** Entries of its timeline. */
  steps: number;
  paymentToken: string | null;
}

/** What an event did to an order. */
export interface Move {
  /** As the event leaves it. */
  order: LockedOrder;
  /** Those that it went through, perhaps none. */
  states: OrderStatus[];
  cause: string;
  at: string;
  /** The message or the trace that brought the event; undefined: the trace that runs. */
  because?: Flow;
}

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

const insertOrders = {
  name: 'orders-insert-orders',
  text: `
    WITH placed AS (
      INSERT INTO orders
        (id, customer_id, currency, total, items, payment_token, status, created_at)
      SELECT * FROM json_to_recordset($1::json) AS placed (
        id uuid, "customerId" text, currency text, total bigint, items jsonb,
        "paymentToken" text, status text, "createdAt" timestamptz)
    )
    INSERT INTO order_timeline (order_id, step, state, at, cause)
    SELECT * FROM json_to_recordset($2::json)
      AS entry ("orderId" uuid, step smallint, state text, at timestamptz, cause text)`,
};

// Sorted, so that two transactions with many orders never wait for each other in a ring.
const lockOrders = {
  name: 'orders-lock-orders',
  text: `
    SELECT id, status, booked, refunded, total, currency, steps, customer_id AS "customerId",
           customer_name AS "customerName", items, payment_token AS "paymentToken"
      FROM orders WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE`,
};

const moveOrders = {
  name: 'orders-move-orders',
  text: `
    WITH moved AS (
      UPDATE orders
         SET status = next.status,
             booked = next.booked,
             refunded = next.refunded,
             customer_name = next."customerName",
             steps = next.steps,
             checked_at = now(),
             checks = 0
        FROM json_to_recordset($2::json) AS next (
          id uuid, status text, booked boolean, refunded boolean, "customerName" text,
          steps smallint)
       WHERE orders.id = next.id AND orders.id = ANY($1::uuid[])
    )
    INSERT INTO order_timeline (order_id, step, state, at, cause)
    SELECT * FROM json_to_recordset($3::json)
      AS entry ("orderId" uuid, step smallint, state text, at timestamptz, cause text)`,
};

const findOrders = {
  name: 'orders-find-orders',
  text: `
    SELECT ${columns}, payment_token AS "paymentToken", ${timelineColumn}
      FROM orders WHERE id = ANY($1::uuid[])`,
};

// A statement for each set of filters and each status, so that each has a plan of its own, on its
// own index.
function listOrders({ status, customerId, include }: OrderFilter): { name: string; text: string } {
  const given = { [String(status)]: status, customer: customerId, [String(include)]: include };
  const names = Object.entries(given).flatMap(([name, value]) => (value ? [`-${name}`] : []));
  return {
    name: `orders-list-orders${names.join('')}`,
    text: `
      SELECT ${columns}${include ? `, ${timelineColumn}` : ''} FROM orders
       WHERE id < $1
         AND ${status ? `status = '${status}'` : 'true'}
         AND ${customerId ? 'customer_id = $3' : '$3::text IS NULL'}
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

/** The topic of commits that added to the timeline of an order that was there before. */
export const timelineTopic = 'order-timeline';

/** The topic of commits that brought orders to states, with those. */
export const statesTopic = 'order-states';

const countUnfinished = {
  name: 'orders-count-unfinished',
  text: `
    SELECT status, count(*)::integer AS count FROM orders
     WHERE status IN ('pending', 'awaiting_payment', 'paid', 'cancel_pending') GROUP BY status`,
};

/** Above every UUIDv7: where a list begins, newest first. */
export const newest = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

@Injectable()
export class OrdersStore {
  constructor(private readonly db: Db) {}

  async insertEach(tx: Tx, orders: readonly NewOrder[]): Promise<void> {
    if (orders.length === 0) return;
    const entries = orders.flatMap(({ id, timeline }) => entriesOf(id, 0, timeline));
    tx.write(insertOrders, [JSON.stringify(orders), JSON.stringify(entries)]);
    tx.note(statesTopic, ...entries.map(({ state }) => state));
  }

  /** Locks the orders until `tx` ends. Without those that there are none of. */
  async lockEach(tx: Tx, ids: readonly string[]): Promise<Map<string, LockedOrder>> {
    const rows = await tx.query<LockedOrder>(lockOrders, [[...new Set(ids)]]);
    return new Map(rows.map((order) => [order.id, order]));
  }

  /**
   * Of orders that `tx` has locked, as the moves leave them. For MoveOrder alone, which sends the
   * webhooks.
   */
  async moveEach(tx: Tx, moves: readonly Move[]): Promise<void> {
    const last = new Map(moves.map(({ order }) => [order.id, order]));
    const rows = [...last.values()].map(
      ({ id, status, booked, refunded, customerName, steps }): Partial<LockedOrder> => ({
        id,
        status,
        booked,
        refunded,
        customerName,
        steps,
      }),
    );
    const entries = moves.flatMap(({ order, states, cause, at }) =>
      entriesOf(
        order.id,
        order.steps - states.length,
        states.map((state) => ({ state, at, cause })),
      ),
    );
    tx.write(moveOrders, [[...last.keys()], JSON.stringify(rows), JSON.stringify(entries)]);
    tx.note(timelineTopic);
    tx.note(statesTopic, ...entries.map(({ state }) => state));
  }

  async find(id: string, on: Tx | Db = this.db): Promise<FoundOrder | undefined> {
    return (await this.findEach([id], on)).get(id);
  }

  /** Those of the orders that exist, with their payment tokens, which are for payments alone. */
  async findEach(ids: readonly string[], on: Tx | Db = this.db): Promise<Map<string, FoundOrder>> {
    type Row = OrderRow & { paymentToken: string | null; timeline: TimelineEntry[] };
    const rows = await on.query<Row>(findOrders, [ids]);
    return new Map(
      rows.map(({ paymentToken, ...order }) => [
        order.id,
        { order: toDetails(order), paymentToken: paymentToken ?? undefined },
      ]),
    );
  }

  /** Newest first, those before the id `before`. */
  async list(
    filter: OrderFilter,
    before: string,
    limit: number,
  ): Promise<(Order | OrderDetails)[]> {
    const values = [before, limit, filter.customerId];
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

  /** By state, those that have not come to an end, which are few. */
  async countUnfinished(): Promise<{ status: OrderStatus; count: number }[]> {
    return this.db.query<{ status: OrderStatus; count: number }>(countUnfinished);
  }
}

function toOrder(row: Omit<OrderRow, 'timeline'>): Order {
  return { ...row, createdAt: row.createdAt.toISOString() };
}

function toDetails({ timeline, ...row }: OrderRow & { timeline: TimelineEntry[] }): OrderDetails {
  const steps = timeline.map((step) => ({ ...step, at: new Date(step.at).toISOString() }));
  return { ...toOrder(row), timeline: steps };
}

function entriesOf(orderId: string, steps: number, timeline: readonly TimelineEntry[]) {
  return timeline.map((entry, index) => ({ orderId, step: steps + index + 1, ...entry }));
}
