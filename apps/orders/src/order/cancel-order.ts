import { Injectable, Logger } from '@nestjs/common';
import { OrderCancelled } from '@tradepost/contracts';
import type { Tx } from '@tradepost/database';
import { send } from '@tradepost/messaging';
import { Idempotency } from '@tradepost/service';
import { MoveOrder } from './move-order';
import { decide, type OrderEvent, type OrderStatus } from './order';
import type { OrderDetails } from './order-details';
import type { CancelRequest } from './order-request';
import { logStates } from './order-log';
import { OrdersStore } from './orders.store';
import { notCancellable, orderNotFound } from './order-problems';

@Injectable()
export class CancelOrder {
  private readonly log = new Logger(CancelOrder.name);

  constructor(
    private readonly idempotency: Idempotency,
    private readonly orders: OrdersStore,
    private readonly moveOrder: MoveOrder,
  ) {}

  /**
   * Cancels an order: its new state commits together with the message that has its payment refunded
   * and its sale reversed. Nothing here needs the broker.
   * @throws Problem 404 (no such order), 409 (it ended otherwise)
   */
  async run(orderId: string, { reason }: CancelRequest): Promise<OrderDetails> {
    const name = 'cancel-requested';
    const event = { name, cause: `${name}: ${reason}` } as const;
    let states: OrderStatus[] = [];
    const cancelled = await this.idempotency.transaction(async (tx) => {
      states = await this.cancel(tx, orderId, event, reason);
      const found = await this.orders.find(orderId, tx);
      if (!found) throw orderNotFound();
      return found.order;
    });
    logStates(this.log, states, { orderId, cause: event.cause });
    return cancelled;
  }

  /** @returns the states that the order goes through; none when it was cancelled before */
  private async cancel(
    tx: Tx,
    orderId: string,
    event: OrderEvent,
    reason: string,
  ): Promise<OrderStatus[]> {
    const order = await this.orders.lock(tx, orderId);
    if (!order) throw orderNotFound();
    const transition = decide(order, event);
    switch (transition.kind) {
      case 'same':
        return [];
      case 'early':
      case 'refused':
        throw notCancellable(order.status);
      case 'change':
        await this.moveOrder.run(tx, orderId, { ...transition, ...event });
        await send(tx, OrderCancelled, { orderId, reason });
        return transition.states;
    }
  }
}
