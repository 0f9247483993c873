import { Injectable } from '@nestjs/common';
import type { Tx } from '@tradepost/database';

const lockOrders = {
  name: 'cancellations-lock-orders',
  text: `
    SELECT pg_advisory_xact_lock(hashtextextended(id::text, 0))
    FROM (SELECT DISTINCT id FROM unnest($1::uuid[]) AS given (id) ORDER BY id) AS sorted`,
};

const insertCancellation = {
  name: 'cancellations-insert',
  text: 'INSERT INTO cancelled_orders (order_id, reason) VALUES ($1, $2) ON CONFLICT DO NOTHING',
};

const selectCancelled = {
  name: 'cancellations-select',
  text: 'SELECT order_id AS "orderId" FROM cancelled_orders WHERE order_id = ANY ($1::uuid[])',
};

/** Which orders were cancelled, for sales that come after their cancellation. */
@Injectable()
export class CancellationsStore {
  /**
   * Until the transaction ends, no other one can hold any of these orders. Booking a sale and
   * cancelling it look for what the other one wrote: side by side, neither would find it.
   */
  async lock(tx: Tx, orderIds: string[]): Promise<void> {
    await tx.query(lockOrders, [orderIds]);
  }

  async add(tx: Tx, orderId: string, reason: string): Promise<void> {
    await tx.query(insertCancellation, [orderId, reason]);
  }

  async among(tx: Tx, orderIds: string[]): Promise<Set<string>> {
    const rows = await tx.query<{ orderId: string }>(selectCancelled, [orderIds]);
    return new Set(rows.map((row) => row.orderId));
  }
}
