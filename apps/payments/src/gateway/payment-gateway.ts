import { IntrinsicException } from '@nestjs/common';
import type { Currency } from '@tradepost/contracts';

export interface Charge {
  /** What the gateway knows the charge by: asked again with the same, it takes nothing more. */
  paymentId: string;
  currency: Currency;
  /** Minor units of `currency`. */
  amount: number;
  /** How the customer pays, as the gateway knows it. */
  paymentToken: string | null;
}

export type ChargeResult =
  | { outcome: 'approved' }
  | { outcome: 'declined'; reason: string }
  /** Accepted and not decided yet: a callback reports the result, and `find` does when asked. */
  | { outcome: 'pending' };

export type RefundResult = { outcome: 'approved' | 'nothing_taken' };

/** A charge as it is now; `refunded`: a refund was asked for. */
export type FoundCharge = ChargeResult & { refunded: boolean };

/**
 * The provider that takes the money. Every call is idempotent by payment id: a repeated call — by
 * another worker at the same time, or after a crash — does nothing more and returns the first
 * result again, or the one that a pending charge has come to. Each call throws GatewayTimeout when
 * no response came in time, and GatewayUnavailable when none was possible: the money may have moved
 * or not, so ask again later.
 */
export abstract class PaymentGateway {
  abstract charge(charge: Charge): Promise<ChargeResult>;

  /**
   * Gives back what the charge took. When nothing was taken, nothing will be: a call of `charge`
   * that is still on its way, or pending, is declined.
   */
  abstract refund(charge: Charge): Promise<RefundResult>;

  /** Reads a charge; undefined when the gateway has none of this payment. */
  abstract find(paymentId: string): Promise<FoundCharge | undefined>;
}

export class GatewayTimeout extends IntrinsicException {
  override readonly name = 'GatewayTimeout';

  constructor(
    readonly paymentId: string,
    readonly timeoutMs: number,
  ) {
    super(`the gateway gave no response about payment ${paymentId} within ${timeoutMs} ms`);
  }
}

export class GatewayUnavailable extends IntrinsicException {
  override readonly name = 'GatewayUnavailable';

  /** @param why such as `it answered 503`, or `too many calls are under way` */
  constructor(
    readonly paymentId: string,
    readonly why: string,
  ) {
    super(`the gateway is unavailable for payment ${paymentId}: ${why}`);
  }
}
