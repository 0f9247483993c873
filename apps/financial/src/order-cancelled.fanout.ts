import { Injectable } from '@nestjs/common';
import { OrderCancelled } from '@tradepost/contracts';
import { type Message, OnFanout } from '@tradepost/messaging';
import { ReverseSale } from './ledger/reverse-sale';

@Injectable()
export class OrderCancelledFanout {
  constructor(private readonly reverseSale: ReverseSale) {}

  @OnFanout(OrderCancelled)
  async handle(order: OrderCancelled, message: Message): Promise<void> {
    await this.reverseSale.ofCancelled(order, message);
  }
}
