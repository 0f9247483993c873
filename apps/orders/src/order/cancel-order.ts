import { Injectable } from '@nestjs/common';
import { OrderCancelled } from '@tradepost/contracts';
import type { Tx } from '@tradepost/database';
import { send } from '@tradepost/messaging';
import { Idempotency } from '@tradepost/service';
import { type Advanced, AdvanceOrder } from './advance-order';
import { isOf, type OrderDetails } from './order-details';
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
   * @param customer the order must be this one's, if it is given
   * @throws Problem 404 (no such order), 409 (it ended otherwise)
   */
  async run(orderId: string, { reason }: CancelRequest, customer?: string): Promise<OrderDetails> {
    const name = 'cancel-requested';
    const event = { name, cause: `${name}: ${reason}` } as const;
    let outcomes: Advanced[] = [];
    const cancelled = await this.idempotency.transaction(async (tx) => {
      if (customer !== undefined) await this.assertOf(customer, orderId, tx);
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

  // An order never changes hands: no lock is needed.
  private async assertOf(customer: string, orderId: string, tx: Tx): Promise<void> {
    const found = await this.orders.find(orderId, tx);
    if (!found || !isOf(customer, found.order)) throw orderNotFound();
  }
}
