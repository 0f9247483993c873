import { Injectable, Logger } from '@nestjs/common';
import { ChargePayment, RefundPayment } from '@tradepost/contracts';
import { Db } from '@tradepost/database';
import { send } from '@tradepost/messaging';
import { type FoundCharge, PaymentGateway } from '../gateway/payment-gateway';
import { PaymentsStore, type UnsettledPayment } from '../payment/payments.store';
import { RecordOutcome } from '../payment/record-outcome';

/**
 * Moves on a payment that has been unsettled for too long: reads its charge at the gateway, resends
 * its command, or times it out. No transaction is open during a call to the gateway.
 */
@Injectable()
export class CheckPayment {
  private readonly log = new Logger(CheckPayment.name);

  constructor(
    private readonly db: Db,
    private readonly payments: PaymentsStore,
    private readonly gateway: PaymentGateway,
    private readonly recordOutcome: RecordOutcome,
  ) {}

  /** @throws GatewayTimeout or GatewayUnavailable, and the payment is checked again later */
  async run(payment: UnsettledPayment): Promise<void> {
    const { id: paymentId, orderId, status } = payment;
    if (status === 'pending') return this.find(payment);
    await this.db.transaction(async (tx) => send(tx, RefundPayment, { paymentId }));
    this.log.warn('refund resent', { orderId, paymentId, status });
  }

  private async find(payment: UnsettledPayment): Promise<void> {
    const found = await this.gateway.find(payment.id);
    if (found?.outcome === 'declined') return this.recordOutcome.run(payment, found);
    // Taken and given back is not paid.
    if (found?.outcome === 'approved' && !found.refunded) {
      return this.recordOutcome.run(payment, found);
    }
    if (payment.isOverdue || found?.outcome === 'approved') return this.timeOut(payment, found);
    if (!found) await this.chargeAgain(payment);
  }

  /**
   * First the payment leaves `pending`, then its charge is made void, then it is declined. In
   * another order, an outcome that comes in between would capture what was given back.
   */
  private async timeOut(payment: UnsettledPayment, found?: FoundCharge): Promise<void> {
    const { id: paymentId, orderId } = payment;
    const isTimedOut = await this.db.transaction(async (tx) => {
      if (!(await this.payments.leave(tx, paymentId, 'pending', 'void_pending'))) return false;
      await send(tx, RefundPayment, { paymentId });
      return true;
    });
    if (!isTimedOut) return;
    const charge = found?.outcome ?? 'unknown';
    this.log.warn('payment timed out', { orderId, paymentId, charge });
  }

  private async chargeAgain({ id: paymentId, orderId }: UnsettledPayment): Promise<void> {
    await this.db.transaction(async (tx) => send(tx, ChargePayment, { paymentId }));
    this.log.warn('charge resent', { orderId, paymentId });
  }
}
