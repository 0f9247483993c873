import { Injectable } from '@nestjs/common';
import { OrderCancelled } from '@tradepost/contracts';
import { send } from '@tradepost/messaging';
import { Idempotency } from '@tradepost/service';
import { type Advanced, AdvanceOrder } from './advance-order';
import type { OrderDetails } from './order-details';
import type { CancelRequest } from './order-request';
import { OrdersStore } from './orders.store';
import { notCancellable, orderNotFound } from './order-problems';

@Injectable()
export class CancelOrder {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly orders: OrdersStore,
    private readonly advanceOrder: AdvanceOrder,
  ) {}

  /**
   * Cancels an order: its new state commits together with the message that has its payment refunded
   * and its sale reversed. Nothing here needs the broker.
   * @throws Problem 404 (no such order), 409 (it ended otherwise)
   */
  async run(orderId: string, { reason }: CancelRequest): Promise<OrderDetails> {
    const name = 'cancel-requested';
    const event = { name, cause: `${name}: ${reason}` } as const;
    let outcomes: Advanced[] = [];
    const cancelled = await this.idempotency.transaction(async (tx) => {
      outcomes = await this.advanceOrder.runIn(tx, [{ orderId, event }], async () => {
        await send(tx, OrderCancelled, { orderId, reason });
      });
      for (const { order, error } of outcomes)
        if (order && error) throw notCancellable(order.status);
      const found = await this.orders.find(orderId, tx);
      if (!found) throw orderNotFound();
      return found.order;
    });
    this.advanceOrder.report(outcomes);
    return cancelled;
  }
}
