import { IsUUID } from 'class-validator';
import { work } from '@tradepost/messaging/contract';

/** Sent by payments to itself when a payment is opened: take the money, once. */
export class ChargePayment {
  static readonly route = work('payments.charge-payment', { bundled: true });
  static readonly sample: ChargePayment = { paymentId: '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e0f' };

  @IsUUID()
  paymentId!: string;
}
