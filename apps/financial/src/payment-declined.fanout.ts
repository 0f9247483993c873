import { Injectable } from '@nestjs/common';
import { PaymentDeclined } from '@tradepost/contracts';
import { type Message, OnFanout } from '@tradepost/messaging';
import { BookEntry } from './book-entry';
import { reversalEntry } from './entries';

/** May come before the sale is booked: the reversal does not need it, both add up to nothing. */
@Injectable()
export class PaymentDeclinedFanout {
  constructor(private readonly bookEntry: BookEntry) {}

  @OnFanout(PaymentDeclined)
  async handle(payment: PaymentDeclined, message: Message): Promise<void> {
    await this.bookEntry.run(reversalEntry(payment), message);
  }
}
