import { Injectable } from '@nestjs/common';
import {
  PaymentDeclined,
  PaymentRefunded,
  type RefundPayment as Command,
} from '@tradepost/contracts';
import { Db, type Tx } from '@tradepost/database';
import { Rejected, send } from '@tradepost/messaging';
import { countMoney } from './money-metrics';
import { afterRefund, chargeOf, factsOf, type Payment, type PaymentStatus } from './payment';
import { PaymentGateway } from '../gateway/payment-gateway';
import { PaymentsStore } from './payments.store';

/** The reason for a decline that the gateway did not give. */
const timedOut = 'timed_out';

/**
 * Gives back what the gateway took for a payment. A payment that was cancelled before its capture
 * was known sends no event: to the others, no money ever moved. One that was timed out is declined.
 */
@Injectable()
export class RefundPayment {
  constructor(
    private readonly db: Db,
    private readonly payments: PaymentsStore,
    private readonly gateway: PaymentGateway,
  ) {}

  /** @throws GatewayTimeout or GatewayUnavailable, and the refund stays to be made */
  async run({ paymentId }: Command): Promise<void> {
    const payment = await this.payments.find(paymentId);
    if (!payment) throw new Rejected('payment_unknown', `there is no payment ${paymentId}`);
    const from = payment.status;
    const to = afterRefund(from);
    if (to === undefined) return;
    const { outcome } = await this.gateway.refund(chargeOf(payment));
    const declineReason = to === 'declined' ? timedOut : undefined;
    const call = { operation: 'refund', outcome } as const;
    const move = { id: payment.id, from, to, declineReason, call };
    await this.db.transaction(async (tx) => {
      const [isMoved] = await this.payments.moveEach(tx, [move]);
      if (isMoved) await this.announce(tx, payment, to);
    });
  }

  private async announce(tx: Tx, payment: Payment, status: PaymentStatus): Promise<void> {
    const facts = factsOf(payment);
    if (status === 'refunded') {
      await send(tx, PaymentRefunded, facts);
      countMoney(tx, 'refunded', payment);
    }
    if (status === 'declined') await send(tx, PaymentDeclined, { ...facts, reason: timedOut });
  }
}
