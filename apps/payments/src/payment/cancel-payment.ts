import { Injectable } from '@nestjs/common';
import { type OrderCancelled, RefundPayment } from '@tradepost/contracts';
import { Db, lockIds } from '@tradepost/database';
import { send } from '@tradepost/messaging';
import { afterCancellation } from './payment';
import { PaymentsStore } from './payments.store';

/**
 * Takes no money for a cancelled order, and gives back what was taken. The cancellation is kept: a
 * payment that is opened after it is opened cancelled.
 */
@Injectable()
export class CancelPayment {
  constructor(
    private readonly db: Db,
    private readonly payments: PaymentsStore,
  ) {}

  async run({ orderId, reason }: OrderCancelled): Promise<void> {
    await this.db.transaction(async (tx) => {
      await lockIds(tx, [orderId]);
      // A copy finds the cancellation there, and its effect with it.
      if (!(await this.payments.cancelOrder(tx, orderId, reason))) return;
      const payment = await this.payments.lockOfOrder(tx, orderId);
      if (!payment) return;
      const status = afterCancellation(payment.status);
      if (status === payment.status) return;
      await this.payments.leave(tx, payment.id, payment.status, status);
      await send(tx, RefundPayment, { paymentId: payment.id });
    });
  }
}
