import { Injectable } from '@nestjs/common';
import { type OrderCancelled, RefundPayment } from '@tradepost/contracts';
import { Db, lockIds } from '@tradepost/database';
import { type Message, once, send } from '@tradepost/messaging';
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

  async run({ orderId, reason }: OrderCancelled, message: Message): Promise<void> {
    await this.db.transaction(async (tx) => {
      if (!(await once(tx, message))) return;
      await lockIds(tx, [orderId]);
      await this.payments.cancelOrder(tx, orderId, reason);
      const payment = await this.payments.lockOfOrder(tx, orderId);
      if (!payment) return;
      const status = afterCancellation(payment.status);
      if (status === payment.status) return;
      await this.payments.leave(tx, payment.id, payment.status, status);
      await send(tx, RefundPayment, { paymentId: payment.id });
    });
  }
}
