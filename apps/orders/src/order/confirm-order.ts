import { Injectable } from '@nestjs/common';
import { GetUser, SaleFinalized } from '@tradepost/contracts';
import { type Message, Messages, Rejected, send } from '@tradepost/messaging';
import { AdvanceOrder } from './advance-order';
import type { OrderEvent } from './order';
import type { Order } from './order-details';
import { OrdersStore } from './orders.store';

const getUserTimeoutMs = 2_000;

@Injectable()
export class ConfirmOrder {
  constructor(
    private readonly orders: OrdersStore,
    private readonly messages: Messages,
    private readonly advanceOrder: AdvanceOrder,
  ) {}

  /**
   * Asks users for the customer. An active customer: the order awaits its payment and the sale is
   * finalized. Any other: the order is rejected.
   * @throws the error that keeps users from answering, so that the message is retried
   */
  async run(orderId: string, message?: Message): Promise<void> {
    const found = await this.orders.find(orderId);
    if (!found) throw new Rejected('order_unknown', `there is no order ${orderId}`);
    const { order, paymentToken } = found;
    // Answered before; the transaction below would find the same.
    if (order.status !== 'pending') return;

    // Outside of any transaction: up to two seconds are too long to hold a connection and a lock.
    const event = await this.identify(order.customerId);
    const { customerName } = event;
    await this.advanceOrder.run(orderId, event, message, async (tx) => {
      if (customerName === undefined) return;
      const finalizedAt = new Date().toISOString();
      await send(tx, SaleFinalized, saleOf(order, customerName, paymentToken, finalizedAt));
    });
  }

  private async identify(customerId: string): Promise<OrderEvent> {
    try {
      const user = await this.messages.ask(
        GetUser,
        { id: customerId },
        { timeoutMs: getUserTimeoutMs },
      );
      if (user.status !== 'active') return refused(`user_${user.status}`);
      return { name: 'customer-known', cause: 'customer-known', customerName: user.name };
    } catch (error) {
      if (error instanceof Rejected && error.code === 'user_unknown') return refused(error.code);
      throw error;
    }
  }
}

function refused(code: string): OrderEvent {
  return { name: 'customer-refused', cause: `customer-refused: ${code}` };
}

/** The message that finalizes a sale once its customer is known; recovery resends it. */
export function saleOf(
  order: Order,
  customerName: string,
  paymentToken: string | undefined,
  finalizedAt: string,
): SaleFinalized {
  const { id: orderId, customerId, currency, total } = order;
  const items = order.items.map(({ sku, quantity, unitPrice }) => ({ sku, quantity, unitPrice }));
  return { orderId, customerId, customerName, currency, total, items, paymentToken, finalizedAt };
}
