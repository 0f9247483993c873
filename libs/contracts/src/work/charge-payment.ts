import { IsUUID } from 'class-validator';
import { work } from '@tradepost/messaging/contract';

/** Sent by payments to itself when a payment is opened: take the money, once. */
export class ChargePayment {
  static readonly route = work('payments.charge-payment', { bundled: true });

  @IsUUID()
  paymentId!: string;
}
