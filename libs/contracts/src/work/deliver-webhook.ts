import { IsUUID } from 'class-validator';
import { work } from '@tradepost/messaging/contract';

/** Sent by orders to itself for each endpoint that subscribes to an order's new state. */
export class DeliverWebhook {
  static readonly route = work('orders.deliver-webhook');
  static readonly sample: DeliverWebhook = { deliveryId: '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e0c' };

  @IsUUID()
  deliveryId!: string;
}
