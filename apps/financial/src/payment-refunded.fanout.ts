import { Injectable } from '@nestjs/common';
import { PaymentRefunded } from '@tradepost/contracts';
import { type Message, OnFanout } from '@tradepost/messaging';
import { BookPayment } from './ledger/book-payment';
import { refundEntry } from './ledger/entries';

/** May come before the settlement or the order's cancellation: the sale stands, being paid. */
@Injectable()
export class PaymentRefundedFanout {
  constructor(private readonly bookPayment: BookPayment) {}

  @OnFanout(PaymentRefunded)
  async handle(payment: PaymentRefunded, message: Message): Promise<void> {
    await this.bookPayment.run(refundEntry(payment), message);
  }
}
