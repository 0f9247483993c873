import { Injectable } from '@nestjs/common';
import { DeliverWebhook } from '@tradepost/contracts';
import type { Tx } from '@tradepost/database';
import { sendEach } from '@tradepost/messaging';
import { v7 as uuidv7 } from 'uuid';
import { finalizeSales } from './finalize-sales';
import { type Move, OrdersStore } from './orders.store';
import { typesOf, webhookEventsOf } from '../webhooks/webhook';
import { WebhookDeliveriesStore } from '../webhooks/webhook-deliveries.store';
import { WebhooksStore } from '../webhooks/webhooks.store';

/**
 * The only way to another state. If `tx` commits, the sales of orders that now await their payment
 * are finalized, and subscribed endpoints get their webhooks.
 */
@Injectable()
export class MoveOrder {
  constructor(
    private readonly orders: OrdersStore,
    private readonly webhooks: WebhooksStore,
    private readonly deliveries: WebhookDeliveriesStore,
  ) {}

  /** Of orders that `tx` has locked; those of one order in their order. */
  async runEach(tx: Tx, moves: readonly Move[]): Promise<void> {
    await this.orders.moveEach(tx, moves);
    await finalizeSales(tx, moves);
    const told = moves.filter(({ states }) => typesOf(states).length > 0);
    if (told.length === 0) return;
    const types = new Set(told.flatMap(({ states }) => typesOf(states)));
    const endpoints = await this.webhooks.subscribedTo(tx, [...types]);
    if (endpoints.length === 0) return;
    const found = await this.orders.findEach([...new Set(told.map(({ order }) => order.id))], tx);
    const deliveries = told.flatMap(({ order: { id: orderId, steps }, states, because }) => {
      const details = found.get(orderId)?.order;
      if (!details) throw new Error(`order ${orderId} was moved and is gone`);
      const webhookEvents = webhookEventsOf(details, states, steps);
      return endpoints.flatMap(({ id: endpointId, events }) =>
        webhookEvents
          .filter(({ type }) => events.includes(type))
          .map((event) => ({ id: uuidv7(), endpointId, orderId, because, ...event })),
      );
    });
    await this.deliveries.insertEach(tx, deliveries);
    const messages = deliveries.map(({ id: deliveryId, because }) => ({
      body: { deliveryId },
      because,
    }));
    await sendEach(tx, DeliverWebhook, messages);
  }
}
