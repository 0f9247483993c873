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
  static override readonly sample: Payment = {
    ...PaymentFacts.sample,
    status: 'declined',
    declineReason: 'card_declined',
  };

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
  static readonly sample: GetPayment = { orderId: '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e0e' };

  @IsUUID()
  orderId!: string;
}
