import { IsString, IsUUID, Length } from 'class-validator';
import { fanout } from '@tradepost/messaging/contract';

/** Sent by orders when an order will not be fulfilled: take no money, give back what was taken. */
export class OrderCancelled {
  static readonly route = fanout('order-cancelled');

  @IsUUID()
  orderId!: string;

  @IsString()
  @Length(1, 500)
  reason!: string;
}
