import { Injectable } from '@nestjs/common';
import { PaymentCaptured } from '@tradepost/contracts';
import { Message, OnFanout } from '@tradepost/messaging';
import { AdvanceOrder } from './order/advance-order';

@Injectable()
export class PaymentCapturedFanout {
  constructor(private readonly advanceOrder: AdvanceOrder) {}

  @OnFanout(PaymentCaptured)
  async handle(payment: PaymentCaptured, message: Message): Promise<void> {
    const name = 'payment-captured';
    await this.advanceOrder.run(payment.orderId, { name, cause: name, payment }, message);
  }
}
