import { Injectable } from '@nestjs/common';
import { ConfirmOrder } from '@tradepost/contracts';
import type { Tx } from '@tradepost/database';
import { currentTrace, type Flow, sendEach } from '@tradepost/messaging';
import { Idempotency } from '@tradepost/service';
import { v7 as uuidv7 } from 'uuid';
import type { OrderRequest } from './order-request';
import type { OrderDetails } from './order-details';
import { OrdersStore } from './orders.store';
import { PriceList } from './price-list';
import { priceOrder, type Product } from './price-order';

/** A request for an order, and the trace that it came in. */
interface Asked {
  request: OrderRequest;
  because?: Flow;
}

@Injectable()
export class PlaceOrder {
  private readonly place: (asked: Asked) => Promise<OrderDetails>;

  constructor(
    idempotency: Idempotency,
    private readonly prices: PriceList,
    private readonly orders: OrdersStore,
  ) {
    this.place = idempotency.group(async (tx, asked: Asked[]) => this.placeEach(tx, asked));
  }

  /**
   * Places an order at the shop's prices: the order, its timeline and the message ConfirmOrder
   * commit together, with those of the requests that come at the same time. Nothing here needs the
   * broker.
   * @throws Problem 422 (what `priceOrder` refuses), 503 (too many wait)
   */
  async run(request: OrderRequest): Promise<OrderDetails> {
    return this.place({ request, because: currentTrace() });
  }

  /**
   * Prices are read inside, so that a replayed order stays placed though a price has changed or a
   * product is gone since.
   */
  private async placeEach(tx: Tx, asked: Asked[]): Promise<(OrderDetails | Error)[]> {
    const skus = asked.flatMap(({ request }) => request.items.map(({ sku }) => sku));
    const products = await this.prices.find(tx, skus);
    const quotes = asked.map(({ request }) => quote(request, products));
    const placed = quotes.flatMap((order, index) => {
      if (order instanceof Error) return [];
      const { paymentToken } = asked[index]?.request ?? {};
      return [{ order: { ...order, paymentToken }, because: asked[index]?.because }];
    });
    await this.orders.insertEach(
      tx,
      placed.map(({ order }) => order),
    );
    const messages = placed.map(({ order: { id: orderId, customerId }, because }) => ({
      body: { orderId, customerId },
      because,
    }));
    await sendEach(tx, ConfirmOrder, messages);
    return quotes;
  }
}

/** Or why not: that is for its own client alone. */
function quote(
  request: OrderRequest,
  products: ReadonlyMap<string, Product>,
): OrderDetails | Error {
  try {
    const { items, total } = priceOrder(request, products);
    const { customerId, currency } = request;
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
  } catch (error) {
    return error as Error;
  }
}
