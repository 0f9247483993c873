import { PaymentFacts } from '../payment-facts';
import { fanout } from '@tradepost/messaging/contract';

/** Sent by payments when the gateway has taken the money: `amount` is paid. */
export class PaymentCaptured extends PaymentFacts {
  static readonly route = fanout('payment-captured', { bundled: true });
}
