import { Injectable } from '@nestjs/common';
import { PaymentDeclined } from '@tradepost/contracts';
import { type Message, OnFanout } from '@tradepost/messaging';
import { ReverseSale } from './ledger/reverse-sale';

/** May come before the sale is booked: the reversal does not need it, both add up to nothing. */
@Injectable()
export class PaymentDeclinedFanout {
  constructor(private readonly reverseSale: ReverseSale) {}

  @OnFanout(PaymentDeclined)
  async handle(payment: PaymentDeclined, message: Message): Promise<void> {
    await this.reverseSale.run(payment, message);
  }
}
