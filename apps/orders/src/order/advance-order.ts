import { Injectable, Logger } from '@nestjs/common';
import { Db, type Tx } from '@tradepost/database';
import { type Message, once, Rejected } from '@tradepost/messaging';
import { MoveOrder } from './move-order';
import { decide, type Happening, type OrderStatus } from './order';
import { OrdersStore } from './orders.store';

const sadEnds: readonly OrderStatus[] = ['rejected', 'payment_failed'];

@Injectable()
export class AdvanceOrder {
  private readonly log = new Logger(AdvanceOrder.name);

  constructor(
    private readonly db: Db,
    private readonly orders: OrdersStore,
    private readonly moveOrder: MoveOrder,
  ) {}

  /**
   * Does to an order what an event does to it, once however often its message comes.
   * @param message undefined: the event was found out by asking; found again, the order shows it
   * @param along runs in the same transaction when the order moves to another state
   * @throws Rejected when no state allows the event, or there is no such order: never again.
   *   Error when the event is early: later.
   */
  async run(
    orderId: string,
    event: Happening,
    message?: Message,
    along?: (tx: Tx) => Promise<void>,
  ): Promise<void> {
    const states = await this.db.transaction(async (tx) => {
      if (message && !(await once(tx, message))) return [];
      const order = await this.orders.lock(tx, orderId);
      // Whatever is said of an order is said after it was committed.
      if (!order) throw new Rejected('order_unknown', `there is no order ${orderId}`);
      const verdict = decide(order, event);
      switch (verdict.kind) {
        case 'same':
          return [];
        case 'early':
          throw new Error(`${event.name} is early: order ${orderId} is still ${order.status}`);
        case 'refused':
          throw new Rejected(verdict.code, `order ${orderId} is ${order.status}: ${verdict.code}`);
        case 'change':
          await this.moveOrder.run(tx, orderId, { ...verdict, ...event });
          if (verdict.states.length > 0) await along?.(tx);
          return verdict.states;
      }
    });
    for (const state of states) {
      const line = `order ${orderId} is ${state}: ${event.cause}`;
      if (sadEnds.includes(state)) this.log.warn(line);
      else this.log.log(line);
    }
  }
}
