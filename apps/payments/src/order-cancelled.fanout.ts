import { Injectable } from '@nestjs/common';
import { OrderCancelled } from '@tradepost/contracts';
import { OnFanout } from '@tradepost/messaging';
import { CancelPayment } from './payment/cancel-payment';

@Injectable()
export class OrderCancelledFanout {
  constructor(private readonly cancelPayment: CancelPayment) {}

  @OnFanout(OrderCancelled)
  async handle(order: OrderCancelled): Promise<void> {
    await this.cancelPayment.run(order);
  }
}
