import { IsUUID } from 'class-validator';
import { work } from '@tradepost/messaging/contract';

/** Sent by orders to itself for each endpoint that subscribes to an order's new state. */
export class DeliverWebhook {
  static readonly route = work('orders.deliver-webhook');

  @IsUUID()
  deliveryId!: string;
}
