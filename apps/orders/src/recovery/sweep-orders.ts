import { Injectable } from '@nestjs/common';
import { Messages } from '@tradepost/messaging';
import { Periodic } from '@tradepost/service';
import { OrdersConfig } from '../orders.config';
import { OrdersStore } from '../order/orders.store';
import { ResolveOrder } from './resolve-order';

/** Each asks another service, and may wait for two seconds: ten at a time. */
const batches = { size: 100, max: 100, atOnceMax: 10, failed: 'overdue orders not recovered' };

/** Moves on orders that stay in one state for ORDER_DEADLINE_MS; one replica checks each. */
@Injectable()
export class SweepOrders extends Periodic {
  constructor(
    private readonly config: OrdersConfig,
    private readonly orders: OrdersStore,
    private readonly resolveOrder: ResolveOrder,
    private readonly messages: Messages,
  ) {
    super(config.SWEEP_EVERY_MS);
  }

  /** @returns how many orders were checked */
  async run(): Promise<number> {
    // No service can be asked; and the messages that the orders wait for are in our own outbox.
    if (!this.messages.canAsk) return 0;
    return this.sweep(
      batches,
      async (size) => this.orders.takeOverdue(this.config.ORDER_DEADLINE_MS, size),
      async (order) => this.resolveOrder.run(order),
    );
  }
}
