import { IsString, IsUUID, Length } from 'class-validator';
import { work } from '@tradepost/messaging/contract';

/** Sent by orders to itself when an order is placed: find out who buys, then finalize the sale. */
export class ConfirmOrder {
  static readonly route = work('orders.confirm-order', { bundled: true });
  static readonly sample: ConfirmOrder = {
    orderId: '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e0e',
    customerId: '1',
  };

  @IsUUID()
  orderId!: string;

  @IsString()
  @Length(1, 64)
  customerId!: string;
}
