import { IsUUID } from 'class-validator';
import { work } from '../route';

/** Sent by payments to itself when money that was taken must be given back. */
export class RefundPayment {
  static readonly route = work('payments.refund-payment');

  @IsUUID()
  paymentId!: string;
}
