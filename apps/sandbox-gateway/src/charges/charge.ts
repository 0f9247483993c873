/** The money that a charge is to take, or a refund to give back. */
export interface RequestedCharge {
  /** What the charge is known by. */
  paymentId: string;
  /** ISO 4217. */
  currency: string;
  /** Minor units of `currency`. */
  amount: number;
}

export type ChargeOutcome = 'approved' | 'declined' | 'pending';

/** What the first request for a charge decides. */
export type ChargeDecision =
  | { outcome: 'approved' }
  | { outcome: 'declined'; reason: string }
  | {
      outcome: 'pending';
      /** A reason goes with `declined` alone. */
      settlesAs: 'approved' | 'declined';
      reason?: string;
      settlesInMs: number;
    };

/** A charge as it is now. */
export interface SandboxCharge {
  outcome: ChargeOutcome;
  /** Of a declined one: `card_declined`, or `voided` by a refund that came before its outcome. */
  reason: string | null;
  /** A refund was asked for; whether it moved money, `outcome` says. */
  refunded: boolean;
}

/** A charge with its figures, as lists show it. */
export interface ChargeRecord extends RequestedCharge {
  outcome: ChargeOutcome;
  /** Of a declined one alone. */
  reason?: string;
  /** How often the money was taken, and given back: more than 1 of either is a mistake. */
  captures: number;
  refunds: number;
  /** How often the charge was asked for. */
  calls: number;
  createdAt: Date;
}

/** The same payment id, with another amount or currency: nothing was done. */
export class ChargeMismatch extends Error {
  override readonly name = 'ChargeMismatch';

  constructor(
    readonly requested: RequestedCharge,
    readonly known: Pick<RequestedCharge, 'currency' | 'amount'>,
  ) {
    super(
      `payment ${requested.paymentId} is about ${known.amount} ${known.currency}, ` +
        `not ${requested.amount} ${requested.currency}`,
    );
  }
}
