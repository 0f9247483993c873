import { Injectable } from '@nestjs/common';
import { Messages, withTrace } from '@tradepost/messaging';
import { Periodic } from '@tradepost/service';
import { OrdersConfig } from '../orders.config';
import { OverdueOrdersStore } from './overdue-orders.store';
import { ResolveOrder } from './resolve-order';

const batches = { size: 100, max: 100 };
/** Each asks another service, and may wait for two seconds. */
const atOnceMax = 10;

/**
 * Finds orders that have stayed in one state for ORDER_DEADLINE_MS, and moves them on. Every
 * replica may run it at any time: one of them checks an order.
 */
@Injectable()
export class SweepOrders extends Periodic {
  constructor(
    private readonly config: OrdersConfig,
    private readonly overdue: OverdueOrdersStore,
    private readonly resolveOrder: ResolveOrder,
    private readonly messages: Messages,
  ) {
    super(config.SWEEP_EVERY_MS);
  }

  /** @returns how many orders were checked */
  async run(): Promise<number> {
    // No service can be asked; and the messages that the orders wait for are in our own outbox.
    if (!this.messages.canAsk) return 0;
    const failures: unknown[] = [];
    const checked = await this.inBatches(batches, async (size) => {
      const orders = await this.overdue.take(this.config.ORDER_DEADLINE_MS, size);
      await this.each(orders, atOnceMax, async (order) =>
        withTrace(undefined, async () => this.resolveOrder.run(order)).catch((error: unknown) => {
          failures.push(error);
        }),
      );
      return orders.length;
    });
    if (failures.length > 0) {
      const fields = { failed: failures.length, checked, error: String(failures[0]) };
      this.log.warn('overdue orders not recovered', fields);
    }
    return checked;
  }
}
