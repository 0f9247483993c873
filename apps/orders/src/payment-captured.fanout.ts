import { Injectable } from '@nestjs/common';
import { PaymentCaptured } from '@tradepost/contracts';
import { Message, OnFanout } from '@tradepost/messaging';
import { AdvanceOrder } from './order/advance-order';

@Injectable()
export class PaymentCapturedFanout {
  constructor(private readonly advanceOrder: AdvanceOrder) {}

  @OnFanout(PaymentCaptured)
  async handle(captured: PaymentCaptured, message: Message): Promise<void> {
    const name = 'payment-captured';
    await this.advanceOrder.run(
      captured.orderId,
      { name, cause: name, payment: captured },
      message,
    );
  }
}
