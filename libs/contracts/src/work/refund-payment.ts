import { IsUUID } from 'class-validator';
import { work } from '@tradepost/messaging/contract';

/** Sent by payments to itself when money that was taken must be given back. */
export class RefundPayment {
  static readonly route = work('payments.refund-payment');

  @IsUUID()
  paymentId!: string;
}
