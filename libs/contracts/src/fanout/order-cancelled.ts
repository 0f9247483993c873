import { IsString, IsUUID, Length } from 'class-validator';
import { fanout } from '@tradepost/messaging/contract';

/** Sent by orders when an order will not be fulfilled: take no money, give back what was taken. */
export class OrderCancelled {
  static readonly route = fanout('order-cancelled');
  static readonly sample: OrderCancelled = {
    orderId: '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e0e',
    reason: 'changed their mind',
  };

  @IsUUID()
  orderId!: string;

  @IsString()
  @Length(1, 500)
  reason!: string;
}
