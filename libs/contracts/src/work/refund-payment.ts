import { IsUUID } from 'class-validator';
import { work } from '@tradepost/messaging/contract';

/** Sent by payments to itself when money that was taken must be given back. */
export class RefundPayment {
  static readonly route = work('payments.refund-payment');
  static readonly sample: RefundPayment = { paymentId: '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e0f' };

  @IsUUID()
  paymentId!: string;
}
