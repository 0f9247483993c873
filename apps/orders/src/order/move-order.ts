import { Injectable } from '@nestjs/common';
import { DeliverWebhook } from '@tradepost/contracts';
import type { Tx } from '@tradepost/database';
import { sendEach } from '@tradepost/messaging';
import { v7 as uuidv7 } from 'uuid';
import { type Move, OrdersStore } from './orders.store';
import { typesOf, webhookEventsOf } from '../webhooks/webhook';
import { WebhookDeliveriesStore } from '../webhooks/webhook-deliveries.store';
import { WebhooksStore } from '../webhooks/webhooks.store';

/** The only way to another state: subscribed endpoints get their webhooks if `tx` commits. */
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
    const endpoints = await this.webhooks.subscribedTo(tx, types);
    if (endpoints.length === 0) return;
    const found = await this.orders.find(orderId, tx);
    if (!found) throw new Error(`order ${orderId} was moved and is gone`);
    const webhookEvents = webhookEventsOf(found.order, move.states);
    const deliveries = endpoints.flatMap(({ id: endpointId, events }) =>
      webhookEvents
        .filter(({ type }) => events.includes(type))
        .map((event) => ({ id: uuidv7(), endpointId, ...event })),
    );
    await this.deliveries.insert(tx, orderId, deliveries);
    const messages = deliveries.map(({ id: deliveryId }) => ({ body: { deliveryId } }));
    await sendEach(tx, DeliverWebhook, messages);
  }
}
