import { IsString, IsUUID, Length } from 'class-validator';
import { work } from '@tradepost/messaging/contract';

/** Sent by orders to itself when an order is placed: find out who buys, then finalize the sale. */
export class ConfirmOrder {
  static readonly route = work('orders.confirm-order', { bundled: true });

  @IsUUID()
  orderId!: string;

  @IsString()
  @Length(1, 64)
  customerId!: string;
}
