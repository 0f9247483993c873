import { Injectable } from '@nestjs/common';
import { PaymentCaptured } from '@tradepost/contracts';
import { type Message, OnFanout } from '@tradepost/messaging';
import { BookPayment } from './ledger/book-payment';
import { settlementEntry } from './ledger/entries';

/** May come before the sale is booked: the settlement does not need it, both add up. */
@Injectable()
export class PaymentCapturedFanout {
  constructor(private readonly bookPayment: BookPayment) {}

  @OnFanout(PaymentCaptured)
  async handle(payment: PaymentCaptured, message: Message): Promise<void> {
    await this.bookPayment.run(settlementEntry(payment), message);
  }
}
