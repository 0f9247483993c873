import { Injectable, Logger } from '@nestjs/common';
import { RefundPayment } from '@tradepost/contracts';
import { Db, type Tx } from '@tradepost/database';
import { once, send } from '@tradepost/messaging';
import { notFound, Problem } from '@tradepost/service';
import type { GatewayCallback } from '../gateway/gateway-callback';
import { afterRefund, type Payment } from './payment';
import { PaymentsStore } from './payments.store';
import { RecordOutcome } from './record-outcome';

/** The name of callbacks in the inbox, where messages have their queue's. */
const queue = 'gateway-callbacks';

/**
 * Applies a callback of the gateway once; a late one or one out of order changes what the payment's
 * state allows. Money that was taken for a payment that is cancelled or timed out is refunded.
 */
@Injectable()
export class ApplyGatewayResult {
  private readonly log = new Logger(ApplyGatewayResult.name);

  constructor(
    private readonly db: Db,
    private readonly payments: PaymentsStore,
    private readonly recordOutcome: RecordOutcome,
  ) {}

  /** @throws Problem 404 for a payment that does not exist, 409 for one of another amount */
  async run(id: string, callback: GatewayCallback): Promise<void> {
    const report = await this.db.transaction(async (tx) => {
      if (!(await once(tx, { queue, id }))) return undefined;
      const payment = await this.payments.lock(tx, callback.data.paymentId);
      if (!payment) throw notFound('payment', `There is no payment ${callback.data.paymentId}.`);
      if (!isAbout(payment, callback)) throw this.mismatch(callback);
      return this.apply(tx, payment, callback);
    });
    report?.();
  }

  private async apply(tx: Tx, payment: Payment, { type, data }: GatewayCallback) {
    if (type === 'charge.declined') {
      const reason = data.reason ?? 'declined';
      return this.recordOutcome.record(tx, payment, { outcome: 'declined', reason });
    }
    if (type !== 'charge.approved') return undefined;
    if (!afterRefund(payment.status)) {
      return this.recordOutcome.record(tx, payment, { outcome: 'approved' });
    }
    await send(tx, RefundPayment, { paymentId: payment.id });
    return undefined;
  }

  private mismatch({ data }: GatewayCallback): Problem {
    const { paymentId, amount, currency } = data;
    const detail = `The payment ${paymentId} is not about ${amount} ${currency}.`;
    this.log.error('callback names another amount', { paymentId, amount, currency });
    return new Problem({
      status: 409,
      type: 'callback-mismatch',
      title: 'This payment is about another amount',
      detail,
    });
  }
}

function isAbout({ amount, currency }: Payment, { data }: GatewayCallback): boolean {
  return data.amount === amount && data.currency === currency;
}
