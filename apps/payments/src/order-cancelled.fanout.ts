import { Injectable } from '@nestjs/common';
import { OrderCancelled } from '@tradepost/contracts';
import { type Message, OnFanout } from '@tradepost/messaging';
import { CancelPayment } from './payment/cancel-payment';

@Injectable()
export class OrderCancelledFanout {
  constructor(private readonly cancelPayment: CancelPayment) {}

  @OnFanout(OrderCancelled)
  async handle(order: OrderCancelled, message: Message): Promise<void> {
    await this.cancelPayment.run(order, message);
  }
}
