import { Injectable } from '@nestjs/common';
import { PaymentDeclined, PaymentRefunded, type RefundPayment } from '@tradepost/contracts';
import { Db, type Tx } from '@tradepost/database';
import { Rejected, send } from '@tradepost/messaging';
import { afterRefund, chargeOf, factsOf, type Payment, type PaymentStatus } from './payment';
import { PaymentGateway } from '../gateway/payment-gateway';
import { PaymentsConfig } from '../payments.config';
import { PaymentsStore } from './payments.store';

/** Why a payment is declined that the gateway gave no answer about in time. */
const timedOut = 'timed_out';

/**
 * Gives back what the gateway took for a payment. Of a payment that was cancelled before its
 * capture was said nothing is said now either: to everyone else, no money ever moved. The same goes
 * for one that was timed out, and it is declined: if the gateway had taken money, that is back.
 */
@Injectable()
export class ReturnMoney {
  private readonly worker: string;

  constructor(
    private readonly db: Db,
    private readonly payments: PaymentsStore,
    private readonly gateway: PaymentGateway,
    config: PaymentsConfig,
  ) {
    this.worker = config.WORKER_ID;
  }

  /** @throws GatewayTimeout or GatewayUnavailable, and the payment goes on owing its refund */
  async run({ paymentId }: RefundPayment): Promise<void> {
    const payment = await this.payments.find(paymentId);
    if (!payment) throw new Rejected('payment_unknown', `there is no payment ${paymentId}`);
    const from = payment.status;
    const to = afterRefund(from);
    if (to === undefined) return;
    const { outcome } = await this.gateway.refund(chargeOf(payment));
    const declineReason = to === 'declined' ? timedOut : undefined;
    const by = { operation: 'refund', outcome, worker: this.worker } as const;
    await this.db.transaction(async (tx) => {
      const moved = await this.payments.move(tx, payment.id, { from, to, declineReason }, by);
      if (moved) await this.say(tx, payment, to);
    });
  }

  private async say(tx: Tx, payment: Payment, status: PaymentStatus): Promise<void> {
    const facts = factsOf(payment);
    if (status === 'refunded') await send(tx, PaymentRefunded, facts);
    if (status === 'declined') await send(tx, PaymentDeclined, { ...facts, reason: timedOut });
  }
}
