import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import { NIL } from 'uuid';
import type { ChargeAttempt, Payment } from './payment';

const view = `
  SELECT p.id, p.order_id AS "orderId", p.currency, p.amount, p.status,
    p.decline_reason AS "declineReason", p.created_at AS "createdAt", p.updated_at AS "updatedAt",
    coalesce(jsonb_agg(jsonb_build_object(
      'number', a.number, 'operation', a.operation, 'outcome', a.outcome, 'worker', a.worker,
      'at', to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    ) ORDER BY a.number) FILTER (WHERE a.number IS NOT NULL), '[]') AS attempts
  FROM payments p LEFT JOIN payment_attempts a ON a.payment_id = p.id`;

const viewsBy = (by: 'id' | 'order_id') => ({
  name: `payment-views-by-${by}`,
  text: `${view} WHERE p.${by} = $1 GROUP BY p.id`,
});

// The page is cut before the join: attempts are read of these payments alone.
const viewsPage = {
  name: 'payment-views-page',
  text: `
    ${view} WHERE p.id IN (SELECT id FROM payments WHERE id > $1 ORDER BY id LIMIT $2)
    GROUP BY p.id ORDER BY p.id`,
};

/** A payment as the API shows it: without its token, with its attempts, oldest first. */
export interface PaymentView extends Omit<Payment, 'paymentToken'> {
  createdAt: Date;
  updatedAt: Date;
  attempts: (ChargeAttempt & { number: number; worker: string; at: string })[];
}

@Injectable()
export class PaymentViewsStore {
  constructor(private readonly db: Db) {}

  async find(id: string): Promise<PaymentView | undefined> {
    const [payment] = await this.db.query<PaymentView>(viewsBy('id'), [id]);
    return payment;
  }

  async ofOrder(orderId: string): Promise<PaymentView[]> {
    return this.db.query<PaymentView>(viewsBy('order_id'), [orderId]);
  }

  /** Oldest first, those after the id `after`, or from the first one on. */
  async page(after: string | undefined, limit: number): Promise<PaymentView[]> {
    return this.db.query<PaymentView>(viewsPage, [after ?? NIL, limit]);
  }
}
