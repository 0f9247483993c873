import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';

/** An order that has stayed where it is for too long. */
export interface OverdueOrder {
  id: string;
  /** How often it was checked since its last change, this time included. */
  checks: number;
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

@Injectable()
export class OverdueOrdersStore {
  constructor(private readonly db: Db) {}

  /**
   * Takes at most `limit` orders that neither changed nor were checked for `deadlineMs`, or for
   * longer once they were checked twice.
   */
  async take(deadlineMs: number, limit: number): Promise<OverdueOrder[]> {
    return this.db.query<OverdueOrder>(takeOverdue, [deadlineMs / 1_000, limit]);
  }
}
