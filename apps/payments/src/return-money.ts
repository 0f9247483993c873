import { Injectable } from '@nestjs/common';
import { PaymentRefunded, type RefundPayment } from '@tradepost/contracts';
import { Db } from '@tradepost/database';
import { Rejected, send } from '@tradepost/messaging';
import { chargeOf, factsOf, owesRefund } from './payment';
import { PaymentGateway } from './payment-gateway';
import { PaymentsConfig } from './payments.config';
import { PaymentsStore } from './payments.store';

/**
 * Gives back what the gateway took for a payment. Of a payment that was cancelled before its
 * capture was said nothing is said now either: to everyone else, no money ever moved.
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
    if (!owesRefund(from)) return;
    const { outcome } = await this.gateway.refund(chargeOf(payment));
    const to = from === 'cancelled' ? 'cancelled' : 'refunded';
    const by = { operation: 'refund', outcome, worker: this.worker } as const;
    await this.db.transaction(async (tx) => {
      const moved = await this.payments.move(tx, payment.id, { from, to }, by);
      if (moved && to === 'refunded') await send(tx, PaymentRefunded, factsOf(payment));
    });
  }
}
