import { Injectable } from '@nestjs/common';
import { PaymentRefunded } from '@tradepost/contracts';
import { Message, OnFanout } from '@tradepost/messaging';
import { AdvanceOrder } from './order/advance-order';

@Injectable()
export class PaymentRefundedFanout {
  constructor(private readonly advanceOrder: AdvanceOrder) {}

  @OnFanout(PaymentRefunded)
  async handle(payment: PaymentRefunded, message: Message): Promise<void> {
    const name = 'payment-refunded';
    await this.advanceOrder.run(payment.orderId, { name, cause: name, payment }, message);
  }
}
