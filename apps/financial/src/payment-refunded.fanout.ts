import { Injectable } from '@nestjs/common';
import { PaymentRefunded } from '@tradepost/contracts';
import { type Message, OnFanout } from '@tradepost/messaging';
import { BookEntry } from './book-entry';
import { refundEntry } from './entries';

/** Gives the settlement back, in either order; the sale is reversed by the order's cancellation. */
@Injectable()
export class PaymentRefundedFanout {
  constructor(private readonly bookEntry: BookEntry) {}

  @OnFanout(PaymentRefunded)
  async handle(payment: PaymentRefunded, message: Message): Promise<void> {
    await this.bookEntry.run(refundEntry(payment), message);
  }
}
