import { IsIn, IsOptional, IsString, IsUUID, Length } from 'class-validator';
import { PaymentFacts } from '../payment-facts';
import { rpc } from '@tradepost/messaging/contract';

/** `refund_pending` and `void_pending`: the gateway is being asked to give the money back. */
export const paymentStatuses = [
  'pending',
  'captured',
  'declined',
  'cancelled',
  'refund_pending',
  'refunded',
  'void_pending',
] as const;

export type PaymentStatus = (typeof paymentStatuses)[number];

export class Payment extends PaymentFacts {
  @IsIn(paymentStatuses)
  status!: PaymentStatus;

  /** Why, of a declined payment: the gateway's word, or `timed_out`. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  declineReason?: string;
}

/**
 * Asked of payments: what became of this order's payment? Answers a `Payment`; an order that has
 * none is `Rejected('payment_unknown')`.
 */
export class GetPayment {
  static readonly route = rpc('payments.get-payment', Payment, { readOnly: true });

  @IsUUID()
  orderId!: string;
}
