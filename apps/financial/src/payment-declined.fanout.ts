import { Injectable } from '@nestjs/common';
import { PaymentDeclined } from '@tradepost/contracts';
import { OnFanout, type Received } from '@tradepost/messaging';
import { ReverseSales } from './ledger/reverse-sales';

/** May come before the sale is booked: the reversal does not need it, both add up to nothing. */
@Injectable()
export class PaymentDeclinedFanout {
  constructor(private readonly reverseSales: ReverseSales) {}

  @OnFanout(PaymentDeclined, { batch: { size: 64 } })
  async handle(payments: Received<PaymentDeclined>[]): Promise<void> {
    await this.reverseSales.run(payments.map(({ body }) => body));
  }
}
