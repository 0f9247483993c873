import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import type { Payment } from '../payment/payment';

/** A payment that nothing was heard of for too long. */
export interface UnsettledPayment extends Payment {
  /** It was opened longer ago than a payment may be pending. */
  isOverdue: boolean;
}

// Whoever takes a payment is the only one to look into it until its time has come again: replicas
// that sweep at the same time share the work. The longer nothing happens to it, the longer the next
// look takes, up to four times the first: what waits in a backlog would grow it by being asked for
// again. Its deadline is not missed for that. What is settled is let go: a process of the version
// before may have settled it.
const takeUnsettled = {
  name: 'payments-take-unsettled',
  text: `
    WITH unsettled AS (
      SELECT id FROM payments
      WHERE checked_at < now() - make_interval(secs => $1)
        AND (checked_at < now() - least(checked_at - updated_at, 4 * make_interval(secs => $1))
          OR created_at + make_interval(secs => $3) BETWEEN checked_at AND now())
      ORDER BY checked_at LIMIT $2 FOR UPDATE SKIP LOCKED
    )
    UPDATE payments SET checked_at = CASE
      WHEN status IN ('pending', 'refund_pending', 'void_pending', 'cancelled') THEN now() END
    FROM unsettled WHERE payments.id = unsettled.id
    RETURNING payments.id, order_id AS "orderId", currency, amount,
      payment_token AS "paymentToken", status,
      created_at < now() - make_interval(secs => $3) AS "isOverdue"`,
};

@Injectable()
export class UnsettledPaymentsStore {
  constructor(private readonly db: Db) {}

  /**
   * Takes at most `limit` of those that nothing happened to for `afterMs`; of those that were
   * looked into before, the ones that waited for as long again, or whose deadline has passed since.
   */
  async take(afterMs: number, limit: number, deadlineMs: number): Promise<UnsettledPayment[]> {
    const values = [afterMs / 1_000, limit, deadlineMs / 1_000];
    return this.db.query<UnsettledPayment>(takeUnsettled, values);
  }
}
