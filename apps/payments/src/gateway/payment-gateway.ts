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

export type ChargeAnswer =
  | { outcome: 'approved' }
  | { outcome: 'declined'; reason: string }
  /** Taken on, and not decided yet: a callback will tell, and `find` when it is asked. */
  | { outcome: 'pending' };

export type RefundAnswer = { outcome: 'approved' | 'nothing_taken' };

export interface FoundCharge {
  outcome: 'approved' | 'declined' | 'pending';
  /** Of a declined one. */
  reason?: string;
  /** It was asked to be given back. */
  refunded: boolean;
}

/**
 * Whoever takes the money. Every call is idempotent by payment id: asked again — by another worker
 * at the same time, or after a crash — it does nothing more and gives its first answer again, or
 * the one that a pending charge has come to. All of them throw GatewayTimeout when no answer came
 * in time, and GatewayUnavailable when there was none to be had: the money may have moved or not,
 * so ask again later.
 */
export abstract class PaymentGateway {
  /** Takes the money, or says for good that it will not, or that it will tell later. */
  abstract charge(charge: Charge): Promise<ChargeAnswer>;

  /**
   * Gives back what the charge took. When nothing was taken, nothing will be: a call of `charge`
   * that is still on its way, or pending, is declined.
   */
  abstract refund(charge: Charge): Promise<RefundAnswer>;

  /** What became of a charge. Undefined: the gateway never heard of it. Changes nothing. */
  abstract find(paymentId: string): Promise<FoundCharge | undefined>;
}

export class GatewayTimeout extends Error {
  override readonly name = 'GatewayTimeout';

  constructor(
    readonly paymentId: string,
    readonly timeoutMs: number,
  ) {
    super(`the gateway gave no answer about payment ${paymentId} within ${timeoutMs} ms`);
  }
}

export class GatewayUnavailable extends Error {
  override readonly name = 'GatewayUnavailable';

  /** @param why such as `it answered 503`, or `too many calls are under way` */
  constructor(
    readonly paymentId: string,
    readonly why: string,
  ) {
    super(`the gateway cannot be asked about payment ${paymentId} now: ${why}`);
  }
}
