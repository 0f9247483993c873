import { PaymentFacts } from '../payment-facts';
import { fanout } from '@tradepost/messaging/contract';

/** Sent by payments when captured money has been given back. */
export class PaymentRefunded extends PaymentFacts {
  static readonly route = fanout('payment-refunded');
}
