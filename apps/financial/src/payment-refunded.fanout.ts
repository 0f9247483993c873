import { Injectable } from '@nestjs/common';
import { PaymentRefunded } from '@tradepost/contracts';
import { OnFanout, type Received } from '@tradepost/messaging';
import { BookPayments } from './ledger/book-payments';
import { refundEntry } from './ledger/entries';

/** May come before the settlement or the order's cancellation: the sale stands, being paid. */
@Injectable()
export class PaymentRefundedFanout {
  constructor(private readonly bookPayments: BookPayments) {}

  @OnFanout(PaymentRefunded, { batch: { size: 64 } })
  async handle(payments: Received<PaymentRefunded>[]): Promise<void> {
    await this.bookPayments.run(payments.map(({ body }) => refundEntry(body)));
  }
}
