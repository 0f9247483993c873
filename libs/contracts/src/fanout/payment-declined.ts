import { IsString, Length } from 'class-validator';
import { PaymentFacts } from '../payment-facts';
import { fanout } from '@tradepost/messaging/contract';

/** Sent by payments when the gateway refused the charge for good: none of `amount` was paid. */
export class PaymentDeclined extends PaymentFacts {
  static readonly route = fanout('payment-declined');
  static override readonly sample: PaymentDeclined = {
    ...PaymentFacts.sample,
    reason: 'card_declined',
  };

  /** The gateway's word for why, such as `card_declined`. */
  @IsString()
  @Length(1, 200)
  reason!: string;
}
