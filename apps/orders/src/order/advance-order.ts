import { Injectable, Logger } from '@nestjs/common';
import { Db, type Tx } from '@tradepost/database';
import { type Message, once, Rejected } from '@tradepost/messaging';
import { MoveOrder } from './move-order';
import { decide, type OrderEvent } from './order';
import { logStates } from './order-log';
import { OrdersStore } from './orders.store';

@Injectable()
export class AdvanceOrder {
  private readonly log = new Logger(AdvanceOrder.name);

  constructor(
    private readonly db: Db,
    private readonly orders: OrdersStore,
    private readonly moveOrder: MoveOrder,
  ) {}

  /**
   * Applies an event to an order, once however often its message is delivered.
   * @param message undefined: recovery found the event by asking; the order shows a second one
   * @param along runs in the same transaction when the order moves to another state
   * @throws Rejected when no state allows the event, or the order is unknown. Error when the event
   *   is early, so that its message is retried.
   */
  async run(
    orderId: string,
    event: OrderEvent,
    message?: Message,
    along?: (tx: Tx) => Promise<void>,
  ): Promise<void> {
    const states = await this.db.transaction(async (tx) => {
      if (message && !(await once(tx, message))) return [];
      const order = await this.orders.lock(tx, orderId);
      // Every message about an order is sent after the order was committed.
      if (!order) throw new Rejected('order_unknown', `there is no order ${orderId}`);
      const transition = decide(order, event);
      switch (transition.kind) {
        case 'same':
          return [];
        case 'early':
          throw new Error(`${event.name} is early: order ${orderId} is still ${order.status}`);
        case 'refused':
          throw new Rejected(
            transition.code,
            `order ${orderId} is ${order.status}: ${transition.code}`,
          );
        case 'change':
          await this.moveOrder.run(tx, orderId, { ...transition, ...event });
          if (transition.states.length > 0) await along?.(tx);
          return transition.states;
      }
    });
    logStates(this.log, states, { orderId, cause: event.cause });
  }
}
