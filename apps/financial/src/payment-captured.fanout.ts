import { Injectable } from '@nestjs/common';
import { PaymentCaptured } from '@tradepost/contracts';
import { OnFanout, type Received } from '@tradepost/messaging';
import { BookPayments } from './ledger/book-payments';
import { settlementEntry } from './ledger/entries';

/** May come before the sale is booked: the settlement does not need it, both add up. */
@Injectable()
export class PaymentCapturedFanout {
  constructor(private readonly bookPayments: BookPayments) {}

  @OnFanout(PaymentCaptured, { batch: { size: 64 } })
  async handle(payments: Received<PaymentCaptured>[]): Promise<void> {
    await this.bookPayments.run(payments.map(({ body }) => settlementEntry(body)));
  }
}
