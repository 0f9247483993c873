import { Injectable } from '@nestjs/common';
import type { Tx } from '@tradepost/database';

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
  async add(tx: Tx, orderId: string, reason: string): Promise<void> {
    await tx.query(insertCancellation, [orderId, reason]);
  }

  async among(tx: Tx, orderIds: string[]): Promise<Set<string>> {
    const rows = await tx.query<{ orderId: string }>(selectCancelled, [orderIds]);
    return new Set(rows.map((row) => row.orderId));
  }
}
