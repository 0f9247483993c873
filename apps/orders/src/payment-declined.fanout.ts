import { Injectable } from '@nestjs/common';
import { PaymentDeclined } from '@tradepost/contracts';
import { Message, OnFanout } from '@tradepost/messaging';
import { AdvanceOrder } from './order/advance-order';

@Injectable()
export class PaymentDeclinedFanout {
  constructor(private readonly advanceOrder: AdvanceOrder) {}

  @OnFanout(PaymentDeclined)
  async handle(payment: PaymentDeclined, message: Message): Promise<void> {
    const name = 'payment-declined';
    const cause = `${name}: ${payment.reason}`;
    await this.advanceOrder.run(payment.orderId, { name, cause, payment }, message);
  }
}
