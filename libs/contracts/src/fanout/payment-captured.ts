import { PaymentFacts } from '../payment-facts';
import { fanout } from '../route';

/** Said by payments when the gateway has taken the money. */
export class PaymentCaptured extends PaymentFacts {
  static readonly route = fanout('payment-captured');
}
