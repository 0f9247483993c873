import { Injectable } from '@nestjs/common';
import { ConfirmOrder } from '@tradepost/contracts';
import { Db } from '@tradepost/database';
import { send } from '@tradepost/messaging';
import { v7 as uuidv7 } from 'uuid';
import { EarlierAnswers } from '../idempotency/earlier-answers';
import { answerWith, attemptOf, type Given } from '../idempotency/idempotency';
import type { KeyGiven } from '../idempotency/idempotency-key';
import { IdempotencyStore } from '../idempotency/idempotency.store';
import type { OrderRequest } from './order-request';
import type { OrderDetails } from './order-details';
import { OrdersStore } from './orders.store';
import { PriceList } from './price-list';
import { priceOrder } from './price-order';

@Injectable()
export class PlaceOrder {
  constructor(
    private readonly db: Db,
    private readonly prices: PriceList,
    private readonly orders: OrdersStore,
    private readonly idempotency: IdempotencyStore,
    private readonly earlierAnswers: EarlierAnswers,
  ) {}

  /**
   * Places an order at the shop's prices: the order, its timeline, the record of its key and the
   * message that has it confirmed commit together. Nothing here needs the broker.
   *
   * With a key, the order is placed once: the same request again gets the first one's answer. Only
   * placed orders are remembered; a refused request may be corrected and sent again with its key.
   * @throws Problem 422 (what `priceOrder` refuses; a key that came with another body), 409 (the
   *   first request with this key is still running)
   */
  async run(request: OrderRequest, key?: KeyGiven): Promise<Given> {
    const attempt = attemptOf('place-order', key, request);
    const order = await this.quote(request).catch(async (refusal: unknown) => {
      // What was placed before stays placed, though a price has changed or a product gone since.
      const earlier = attempt && (await this.earlierAnswers.find(attempt));
      if (earlier) return earlier;
      throw refusal;
    });
    if ('replayed' in order) return order;

    const answer = answerWith(order, 'place-order');
    const claim = await this.db.transaction(async (tx) => {
      const turn = attempt ? await this.idempotency.claim(tx, attempt, answer) : 'ours';
      if (turn !== 'ours') return turn;
      await this.orders.insert(tx, order, request.paymentToken);
      await send(tx, ConfirmOrder, { orderId: order.id });
      return turn;
    });
    if (claim === 'ours' || !attempt) return { ...answer, replayed: false };
    return this.earlierAnswers.instead(attempt, claim);
  }

  private async quote(request: OrderRequest): Promise<OrderDetails> {
    const { customerId, currency } = request;
    const products = await this.prices.find(request.items.map(({ sku }) => sku));
    const { items, total } = priceOrder(request, products);
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
