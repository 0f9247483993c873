import { Injectable } from '@nestjs/common';
import { DeliverWebhook } from '@tradepost/contracts';
import type { Tx } from '@tradepost/database';
import { sendEach } from '@tradepost/messaging';
import { v7 as uuidv7 } from 'uuid';
import { type Move, OrdersStore } from './orders.store';
import { newsOf, typesOf } from '../webhooks/webhook';
import { WebhookDeliveriesStore } from '../webhooks/webhook-deliveries.store';
import { WebhooksStore } from '../webhooks/webhooks.store';

/** The one way to another state: whoever wants to be told of it is, if `tx` commits. */
@Injectable()
export class MoveOrder {
  constructor(
    private readonly orders: OrdersStore,
    private readonly webhooks: WebhooksStore,
    private readonly deliveries: WebhookDeliveriesStore,
  ) {}

  /** Of an order that `tx` has locked. */
  async run(tx: Tx, orderId: string, move: Move): Promise<void> {
    await this.orders.move(tx, orderId, move);
    const types = typesOf(move.states);
    if (types.length === 0) return;
    const endpoints = await this.webhooks.wanting(tx, types);
    if (endpoints.length === 0) return;
    const found = await this.orders.find(orderId, tx);
    if (!found) throw new Error(`order ${orderId} was moved and is gone`);
    const news = newsOf(found.order, move.states);
    const due = endpoints.flatMap(({ id: endpointId, events }) =>
      news
        .filter(({ type }) => events.includes(type))
        .map((told) => ({ id: uuidv7(), endpointId, ...told })),
    );
    await this.deliveries.insert(tx, orderId, due);
    const messages = due.map(({ id: deliveryId }) => ({ body: { deliveryId } }));
    await sendEach(tx, DeliverWebhook, messages);
  }
}
