import { Injectable } from '@nestjs/common';
import { ConfirmOrder } from '@tradepost/contracts';
import type { Tx } from '@tradepost/database';
import { send } from '@tradepost/messaging';
import { Idempotency } from '@tradepost/service';
import { v7 as uuidv7 } from 'uuid';
import type { OrderRequest } from './order-request';
import type { OrderDetails } from './order-details';
import { OrdersStore } from './orders.store';
import { PriceList } from './price-list';
import { priceOrder } from './price-order';

@Injectable()
export class PlaceOrder {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly prices: PriceList,
    private readonly orders: OrdersStore,
  ) {}

  /**
   * Places an order at the shop's prices: the order, its timeline and the message ConfirmOrder
   * commit together. Nothing here needs the broker.
   *
   * Prices are read inside, so that a replayed order stays placed though a price has changed or a
   * product is gone since.
   * @throws Problem 422 (what `priceOrder` refuses)
   */
  async run(request: OrderRequest): Promise<OrderDetails> {
    return this.idempotency.transaction(async (tx) => {
      const order = await this.quote(tx, request);
      await this.orders.insert(tx, order, request.paymentToken);
      await send(tx, ConfirmOrder, { orderId: order.id });
      return order;
    });
  }

  private async quote(tx: Tx, request: OrderRequest): Promise<OrderDetails> {
    const { customerId, currency } = request;
    const skus = request.items.map(({ sku }) => sku);
    const { items, total } = priceOrder(request, await this.prices.find(tx, skus));
    const id = uuidv7();
    const createdAt = new Date().toISOString();
    const status = 'pending';
    const timeline = [{ state: status, at: createdAt, cause: 'order-placed' } as const];
    return {
      id,
      status,
      customerId,
      customerName: null,
      currency,
      total,
      items,
      createdAt,
      timeline,
    };
  }
}
