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
 * Looks for orders that have stayed where they are for ORDER_DEADLINE_MS, and has them moved on.
 * Every replica may run it at any time: an order is looked at by one of them.
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

  /** @returns how many orders were looked at */
  async run(): Promise<number> {
    // Nobody could be asked; and the messages that the orders wait for are in our own outbox.
    if (!this.messages.canAsk) return 0;
    const failures: unknown[] = [];
    const looked = await this.inBatches(batches, async (size) => {
      const orders = await this.overdue.take(this.config.ORDER_DEADLINE_MS, size);
      await this.each(orders, atOnceMax, async (order) =>
        withTrace(undefined, async () => this.resolveOrder.run(order)).catch((error: unknown) => {
          failures.push(error);
        }),
      );
      return orders.length;
    });
    if (failures.length > 0) {
      const fields = { failed: failures.length, checked: looked, error: String(failures[0]) };
      this.log.warn('overdue orders not recovered', fields);
    }
    return looked;
  }
}
