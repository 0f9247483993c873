import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import type { Charge, ChargeAnswer } from './payment-gateway';

// What the first call decided stays. Of calls at the same time, the row makes one the first.
const recordCharge = {
  name: 'sandbox-record-charge',
  text: `
    INSERT INTO sandbox_charges AS charge (payment_id, currency, amount, outcome, calls)
    VALUES ($1, $2, $3, $4, 1)
    ON CONFLICT (payment_id) DO UPDATE SET calls = charge.calls + 1
    RETURNING outcome, calls`,
};

// A refund that comes before its charge leaves the charge declined.
const recordRefund = {
  name: 'sandbox-record-refund',
  text: `
    INSERT INTO sandbox_charges AS charge
      (payment_id, currency, amount, outcome, calls, refunded_at)
    VALUES ($1, $2, $3, 'declined', 0, now())
    ON CONFLICT (payment_id) DO UPDATE SET refunded_at = coalesce(charge.refunded_at, now())
    RETURNING outcome`,
};

export interface SandboxCharge {
  outcome: ChargeAnswer['outcome'];
  /** 1 for the first call. */
  calls: number;
}

/** The sandbox gateway's own books. Nothing but the sandbox reads them. */
@Injectable()
export class SandboxChargesStore {
  constructor(private readonly db: Db) {}

  /** @returns the charge with the outcome that its first call had */
  async charge(
    { paymentId, currency, amount }: Charge,
    outcome: SandboxCharge['outcome'],
  ): Promise<SandboxCharge> {
    const values = [paymentId, currency, amount, outcome];
    const rows = await this.db.query<{ outcome: SandboxCharge['outcome']; calls: number }>(
      recordCharge,
      values,
    );
    return rows[0] as SandboxCharge;
  }

  /** @returns what the charge was, before it was given back */
  async refund({ paymentId, currency, amount }: Charge): Promise<SandboxCharge['outcome']> {
    const values = [paymentId, currency, amount];
    const rows = await this.db.query<{ outcome: SandboxCharge['outcome'] }>(recordRefund, values);
    return (rows[0] as SandboxCharge).outcome;
  }
}
