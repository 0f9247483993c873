import { Injectable } from '@nestjs/common';
import { OrderCancelled } from '@tradepost/contracts';
import { OnFanout, type Received } from '@tradepost/messaging';
import { ReverseSales } from './ledger/reverse-sales';

@Injectable()
export class OrderCancelledFanout {
  constructor(private readonly reverseSales: ReverseSales) {}

  @OnFanout(OrderCancelled, { batch: { size: 64 } })
  async handle(orders: Received<OrderCancelled>[]): Promise<void> {
    await this.reverseSales.ofCancelled(orders.map(({ body }) => body));
  }
}
