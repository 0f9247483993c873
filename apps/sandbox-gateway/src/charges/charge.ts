/** What the gateway is asked to take, or to give back. */
export interface AskedCharge {
  /** What the charge is known by. */
  paymentId: string;
  /** ISO 4217. */
  currency: string;
  /** Minor units of `currency`. */
  amount: number;
}

export type SandboxOutcome = 'approved' | 'declined' | 'pending';

/** What is decided when a charge is asked for the first time. */
export type Verdict =
  | { outcome: 'approved' }
  | { outcome: 'declined'; reason: string }
  | {
      outcome: 'pending';
      /** A reason goes with `declined` alone. */
      settlesAs: 'approved' | 'declined';
      reason?: string;
      settlesInMs: number;
    };

/** A charge as it is now, whatever was asked meanwhile. */
export interface SandboxCharge {
  outcome: SandboxOutcome;
  /** Of a declined one: `card_declined`, or `voided` by a refund that came before its outcome. */
  reason: string | null;
  /** It was asked to be given back; whether money moved for that, `outcome` says. */
  refunded: boolean;
}

/** A charge as the books have it. */
export interface ChargeRecord extends AskedCharge {
  outcome: SandboxOutcome;
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
    readonly asked: AskedCharge,
    readonly known: Pick<AskedCharge, 'currency' | 'amount'>,
  ) {
    super(
      `payment ${asked.paymentId} is about ${known.amount} ${known.currency}, ` +
        `not ${asked.amount} ${asked.currency}`,
    );
  }
}
