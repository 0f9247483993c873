import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import type { Payment } from '../payment/payment';

/** A payment that has been unsettled for too long. */
export interface UnsettledPayment extends Payment {
  /** It was opened longer ago than a payment may be pending. */
  isOverdue: boolean;
}

// The replica that takes a payment is the only one to check it until its time has come again. The
// longer nothing happens to it, the longer the wait for the next check, up to four times the first:
// resending would grow the backlog that it waits in. Its deadline is not missed for that.
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
    UPDATE payments SET checked_at = now()
    FROM unsettled WHERE payments.id = unsettled.id
    RETURNING payments.id, order_id AS "orderId", currency, amount,
      payment_token AS "paymentToken", status, decline_reason AS "declineReason",
      created_at < now() - make_interval(secs => $3) AS "isOverdue"`,
};

@Injectable()
export class UnsettledPaymentsStore {
  constructor(private readonly db: Db) {}

  /**
   * Takes at most `limit` payments that did not change for `afterMs`; of those that were checked
   * before, the ones that waited for as long again, or whose deadline has passed since.
   */
  async take(afterMs: number, limit: number, deadlineMs: number): Promise<UnsettledPayment[]> {
    const values = [afterMs / 1_000, limit, deadlineMs / 1_000];
    return this.db.query<UnsettledPayment>(takeUnsettled, values);
  }
}
