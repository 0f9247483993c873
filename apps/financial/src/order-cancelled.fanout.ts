import { Injectable } from '@nestjs/common';
import { OrderCancelled } from '@tradepost/contracts';
import { type Message, OnFanout } from '@tradepost/messaging';
import { CancelSale } from './ledger/cancel-sale';

@Injectable()
export class OrderCancelledFanout {
  constructor(private readonly cancelSale: CancelSale) {}

  @OnFanout(OrderCancelled)
  async handle(order: OrderCancelled, message: Message): Promise<void> {
    await this.cancelSale.run(order, message);
  }
}
