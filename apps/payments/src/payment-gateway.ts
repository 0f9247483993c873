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

export type ChargeAnswer = { outcome: 'approved' } | { outcome: 'declined'; reason: string };

export type RefundAnswer = { outcome: 'approved' | 'nothing_taken' };

/**
 * Whoever takes the money. Every call is idempotent by payment id: asked again — by another worker
 * at the same time, or after a crash — it does nothing more and gives its first answer again.
 */
export abstract class PaymentGateway {
  /**
   * Takes the money, or says for good that it will not.
   * @throws GatewayTimeout when no answer came in time: the money may be taken or not, so ask again
   */
  abstract charge(charge: Charge): Promise<ChargeAnswer>;

  /**
   * Gives back what the charge took. When nothing was taken, nothing will be: a call of `charge`
   * that is still on its way is declined.
   * @throws GatewayTimeout when no answer came in time: ask again
   */
  abstract refund(charge: Charge): Promise<RefundAnswer>;
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
