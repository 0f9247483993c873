import { Injectable } from '@nestjs/common';
import { Db, GroupCommit, type Tx } from '@tradepost/database';
import {
  type RequestedCharge,
  ChargeMismatch,
  type ChargeRecord,
  type SandboxCharge,
  type ChargeDecision,
} from './charge';

const charge = `
  outcome, CASE outcome WHEN 'declined' THEN reason END AS reason,
  refunded_at IS NOT NULL AS refunded, currency, amount, calls`;

// The decision of the first call stays. Of calls at the same time, the row makes one the first, and
// that one alone moves money. A charge that was refunded before it came is declined already.
const recordCharges = {
  name: 'sandbox-record-charges',
  text: `
    WITH given AS (
      SELECT * FROM jsonb_to_recordset($1) AS given
        ("paymentId" uuid, currency text, amount bigint, outcome text, reason text,
         "settlesAs" text, "settlesInMs" integer, calls integer)
    ), asked AS (
      INSERT INTO sandbox_charges AS charge
        (payment_id, currency, amount, outcome, reason, settles_as, settles_at, calls)
      SELECT "paymentId", currency, amount, outcome, reason, "settlesAs",
        now() + "settlesInMs" * interval '1 millisecond', calls
      FROM given ORDER BY "paymentId"
      ON CONFLICT (payment_id) DO UPDATE SET calls = charge.calls + excluded.calls
      RETURNING payment_id, ${charge}
    ), moved AS (
      INSERT INTO sandbox_movements (payment_id, kind, currency, amount)
      SELECT payment_id, 'capture', asked.currency, asked.amount
      FROM asked JOIN given ON payment_id = "paymentId"
      WHERE asked.calls = given.calls AND asked.outcome = 'approved'
    )
    SELECT "paymentId", asked.outcome, asked.reason, refunded, asked.currency, asked.amount,
      asked.calls - given.calls AS calls
    FROM asked JOIN given ON payment_id = "paymentId"`,
};

// A refund that comes before its charge, or before the outcome of it, leaves the charge declined.
const recordRefund = {
  name: 'sandbox-record-refund',
  text: `
    WITH asked AS (
      INSERT INTO sandbox_charges AS charge
        (payment_id, currency, amount, outcome, reason, calls, refund_calls, refunded_at)
      VALUES ($1, $2, $3, 'declined', 'voided', 0, 1, now())
      ON CONFLICT (payment_id) DO UPDATE SET
        refund_calls = charge.refund_calls + 1,
        refunded_at = coalesce(charge.refunded_at, now()),
        outcome = CASE charge.outcome WHEN 'pending' THEN 'declined' ELSE charge.outcome END,
        reason = CASE charge.outcome WHEN 'pending' THEN 'voided' ELSE charge.reason END,
        settles_as = NULL,
        settles_at = NULL
      WHERE (charge.currency, charge.amount) = (excluded.currency, excluded.amount)
      RETURNING payment_id, refund_calls, ${charge}
    ), moved AS (
      INSERT INTO sandbox_movements (payment_id, kind, currency, amount)
      SELECT payment_id, 'refund', currency, amount FROM asked
      WHERE refund_calls = 1 AND outcome = 'approved'
    )
    SELECT * FROM asked`,
};

// A refund that comes at this very moment has the row first, or finds it decided.
const settleDue = {
  name: 'sandbox-settle-due',
  text: `
    WITH due AS (
      SELECT payment_id FROM sandbox_charges WHERE outcome = 'pending' AND settles_at <= now()
      ORDER BY settles_at LIMIT $1 FOR UPDATE SKIP LOCKED
    ), settled AS (
      UPDATE sandbox_charges AS charge
      SET outcome = settles_as, settles_as = NULL, settles_at = NULL
      FROM due WHERE charge.payment_id = due.payment_id
      RETURNING charge.payment_id, ${charge}
    ), moved AS (
      INSERT INTO sandbox_movements (payment_id, kind, currency, amount)
      SELECT payment_id, 'capture', currency, amount FROM settled WHERE outcome = 'approved'
    )
    SELECT payment_id AS "paymentId", currency, amount, outcome, reason FROM settled`,
};

const selectCharge = {
  name: 'sandbox-select-charge',
  text: `SELECT ${charge} FROM sandbox_charges WHERE payment_id = $1`,
};

const listCharges = {
  name: 'sandbox-list-charges',
  text: `
    SELECT payment_id AS "paymentId", ${charge}, captures, refunds, created_at AS "createdAt"
    FROM sandbox_charges AS charge, LATERAL (
      SELECT count(*) FILTER (WHERE kind = 'capture') AS captures,
        count(*) FILTER (WHERE kind = 'refund') AS refunds
      FROM sandbox_movements AS movement WHERE movement.payment_id = charge.payment_id
    ) AS moved
    WHERE $1::uuid IS NULL OR payment_id > $1
    ORDER BY payment_id LIMIT $2`,
};

export interface SettledCharge extends RequestedCharge {
  outcome: 'approved' | 'declined';
  reason: string | null;
}

type StoredCharge = SandboxCharge & Pick<ChargeRecord, 'currency' | 'amount' | 'calls'>;

/** The sandbox's charges, on the provider's side: nothing but the sandbox writes them. */
interface AskedCharge {
  requested: RequestedCharge;
  decision: ChargeDecision;
}

/** The sandbox's charges, on the provider's side: nothing but the sandbox writes them. */
@Injectable()
export class ChargesStore {
  private readonly asked: GroupCommit<AskedCharge, StoredCharge>;

  constructor(private readonly db: Db) {
    this.asked = new GroupCommit(db, chargeEach);
  }

  /**
   * Takes the money, if that is the decision and this is the first call.
   * @returns the charge as the first call made it, and which call this was
   * @throws ChargeMismatch
   */
  async charge(
    requested: RequestedCharge,
    decision: ChargeDecision,
  ): Promise<SandboxCharge & { calls: number }> {
    return sameCharge(requested, await this.asked.add({ requested, decision }));
  }

  /**
   * Gives back what was taken, if this is the first call. What is not decided yet is declined.
   * @throws ChargeMismatch
   */
  async refund(requested: RequestedCharge): Promise<'approved' | 'nothing_taken'> {
    const { paymentId, currency, amount } = requested;
    const values = [paymentId, currency, amount];
    const [stored] = await this.db.query<StoredCharge>(recordRefund, values);
    const known = stored ?? (await this.db.query<StoredCharge>(selectCharge, [paymentId]))[0];
    const { outcome } = sameCharge(requested, known as StoredCharge);
    return outcome === 'approved' ? 'approved' : 'nothing_taken';
  }

  /** Decides pending charges whose time has come, `max` at most. @returns those */
  async settle(tx: Tx, max: number): Promise<SettledCharge[]> {
    return tx.query<SettledCharge>(settleDue, [max]);
  }

  async find(paymentId: string): Promise<SandboxCharge | undefined> {
    const [found] = await this.db.query<StoredCharge>(selectCharge, [paymentId]);
    return found;
  }

  /** In the order of their payment ids, from behind `after` on. */
  async list(after: string | undefined, limit: number): Promise<ChargeRecord[]> {
    const rows = await this.db.query<Parameters<typeof toRecord>[0]>(listCharges, [
      after ?? null,
      limit,
    ]);
    return rows.map(toRecord);
  }
}

function toRecord(row: Omit<ChargeRecord, 'reason'> & Pick<SandboxCharge, 'reason'>): ChargeRecord {
  const { paymentId, currency, amount, outcome, reason, captures, refunds, calls, createdAt } = row;
  const requested = { paymentId, currency, amount, outcome, ...(reason !== null && { reason }) };
  return { ...requested, captures, refunds, calls, createdAt };
}

function sameCharge(requested: RequestedCharge, stored: StoredCharge): StoredCharge {
  const isSame = stored.currency === requested.currency && stored.amount === requested.amount;
  if (!isSame) throw new ChargeMismatch(requested, stored);
  return stored;
}

/** @returns for each the charge as the first call made it, and which call of it this was */
async function chargeEach(tx: Tx, all: AskedCharge[]): Promise<StoredCharge[]> {
  // A statement writes a row once: the calls of one payment id are one row, which counts them.
  const rows = new Map<string, RequestedCharge & ChargeDecision & { calls: number }>();
  for (const { requested, decision } of all) {
    const row = rows.get(requested.paymentId) ?? { ...requested, ...decision, calls: 0 };
    row.calls += 1;
    rows.set(requested.paymentId, row);
  }
  const stored = await tx.query<StoredCharge & { paymentId: string }>(recordCharges, [
    JSON.stringify([...rows.values()]),
  ]);
  const before = new Map(stored.map((charge) => [charge.paymentId, charge]));
  return all.map(({ requested: { paymentId } }) => {
    const charge = before.get(paymentId) as StoredCharge;
    charge.calls += 1;
    return { ...charge };
  });
}
