import { Injectable } from '@nestjs/common';
import { Db, type Tx } from '@tradepost/database';
import { PaymentsConfig } from '../payments.config';
import type { ChargeAttempt, NewPayment, Payment, PaymentStatus } from './payment';

const columns = `
  id, order_id AS "orderId", currency, amount, payment_token AS "paymentToken", status,
  decline_reason AS "declineReason"`;

// Payments go to the server as one JSON text, however many they are: one statement a batch.
const insertPayments = {
  name: 'payments-insert',
  text: `
    INSERT INTO payments (id, order_id, currency, amount, payment_token, status, checked_at)
    SELECT id, "orderId", currency, amount, "paymentToken",
      CASE WHEN off THEN 'cancelled' ELSE 'pending' END, CASE WHEN off THEN NULL ELSE now() END
    FROM jsonb_to_recordset($1) AS given
      (id uuid, "orderId" uuid, currency text, amount bigint, "paymentToken" text),
      LATERAL (
        SELECT EXISTS (SELECT FROM cancelled_orders WHERE order_id = "orderId") AS off
      ) AS cancelled
    ON CONFLICT (order_id) DO NOTHING
    RETURNING id, status`,
};

const insertCancellation = {
  name: 'payments-cancel-order',
  text: `
    INSERT INTO cancelled_orders (order_id, reason) VALUES ($1, $2)
    ON CONFLICT DO NOTHING RETURNING order_id`,
};

const select = (by: 'id' | 'order_id', lock: '' | ' FOR UPDATE' = '') => ({
  name: `payments-select-by-${by}${lock && '-locked'}`,
  text: `SELECT ${columns} FROM payments WHERE ${by} = $1${lock}`,
});

const selectPayments = {
  name: 'payments-select-each',
  text: `SELECT ${columns} FROM payments WHERE id = ANY ($1::uuid[])`,
};
const selectPaymentOfOrder = select('order_id');
const lockPayment = select('id', ' FOR UPDATE');
const lockPaymentOfOrder = select('order_id', ' FOR UPDATE');

const updateStatus = {
  name: 'payments-update-status',
  text: `
    UPDATE payments SET status = $3, updated_at = now(), checked_at = now()
    WHERE id = $1 AND status = $2
    RETURNING id`,
};

// One statement, so that one of many workers with the same payment moves it. Locked by id first:
// workers with the same payments never wait for each other in a ring.
const moveWithAttempts = {
  name: 'payments-move-with-attempts',
  text: `
    WITH given AS (
      SELECT * FROM jsonb_to_recordset($1) AS given
        (id uuid, "from" text, "to" text, "declineReason" text, operation text, outcome text,
         number integer, calls integer)
    ), last AS (
      SELECT * FROM given WHERE number = calls
    ), locked AS (
      SELECT payments.id FROM payments JOIN last USING (id)
      WHERE status = "from" ORDER BY id FOR UPDATE OF payments
    ), moved AS (
      UPDATE payments
      SET status = "to", decline_reason = "declineReason", attempts = attempts + calls,
        updated_at = now(), checked_at = CASE WHEN "to" = 'pending' THEN now() END
      FROM last JOIN locked USING (id)
      WHERE payments.id = last.id
      RETURNING payments.id, attempts
    ), attempted AS (
      INSERT INTO payment_attempts (payment_id, number, operation, outcome, worker)
      SELECT id, attempts - calls + number, operation, outcome, $2 FROM moved JOIN given USING (id)
    )
    SELECT id FROM moved`,
};

// The replica that takes a payment is the only one to check it until its time has come again. The
// longer nothing happens to it, the longer the wait for the next check, up to four times the first:
// resending would grow the backlog that it waits in. Its deadline is not missed for that.
const takeUnsettled = {
  name: 'payments-take-unsettled',
  text: `
    WITH unsettled AS (
      SELECT id AS unsettled_id FROM payments
      WHERE checked_at < now() - make_interval(secs => $1)
        AND (checked_at < now() - least(checked_at - updated_at, 4 * make_interval(secs => $1))
          OR created_at + make_interval(secs => $3) BETWEEN checked_at AND now())
      ORDER BY checked_at LIMIT $2 FOR UPDATE SKIP LOCKED
    )
    UPDATE payments SET checked_at = now()
    FROM unsettled WHERE id = unsettled_id
    RETURNING ${columns},
      created_at < now() - make_interval(secs => $3) AS "isOverdue"`,
};

/** A payment that has been unsettled for too long. */
export interface UnsettledPayment extends Payment {
  /** It was opened longer ago than a payment may be pending. */
  isOverdue: boolean;
}

/** A call to the gateway, and the step of the payment that it leads to. */
export interface Move {
  id: string;
  from: PaymentStatus;
  to: PaymentStatus;
  declineReason?: string;
  call: ChargeAttempt;
}

@Injectable()
export class PaymentsStore {
  private readonly worker: string;

  constructor(
    private readonly db: Db,
    config: PaymentsConfig,
  ) {
    this.worker = config.WORKER_ID;
  }

  /**
   * Opens payments, a cancelled order's as cancelled; an order that has one keeps the one it has.
   * @returns the ids of those that are new and pending
   */
  async open(tx: Tx, payments: NewPayment[]): Promise<Set<string>> {
    const opened = await tx.query<Pick<Payment, 'id' | 'status'>>(insertPayments, [
      JSON.stringify(payments),
    ]);
    return new Set(opened.filter(({ status }) => status === 'pending').map(({ id }) => id));
  }

  /**
   * A payment of the order that is opened later is opened as cancelled.
   * @returns false when the order was cancelled before
   */
  async cancelOrder(tx: Tx, orderId: string, reason: string): Promise<boolean> {
    return (await tx.query(insertCancellation, [orderId, reason])).length > 0;
  }

  async find(id: string): Promise<Payment | undefined> {
    return (await this.findEach([id]))[0];
  }

  /** In the order of the ids; undefined where there is none. */
  async findEach(ids: string[]): Promise<(Payment | undefined)[]> {
    const payments = await this.db.query<Payment>(selectPayments, [ids]);
    const byId = new Map(payments.map((payment) => [payment.id, payment]));
    return ids.map((id) => byId.get(id));
  }

  async ofOrder(orderId: string): Promise<Payment | undefined> {
    const [payment] = await this.db.query<Payment>(selectPaymentOfOrder, [orderId]);
    return payment;
  }

  async lockOfOrder(tx: Tx, orderId: string): Promise<Payment | undefined> {
    const [payment] = await tx.query<Payment>(lockPaymentOfOrder, [orderId]);
    return payment;
  }

  async lock(tx: Tx, id: string): Promise<Payment | undefined> {
    const [payment] = await tx.query<Payment>(lockPayment, [id]);
    return payment;
  }

  /**
   * To a state that leaves a refund to be made: no outcome of a charge moves the payment any more.
   * @returns false, and changes nothing, when it is not (any more) in the state `from`
   */
  async leave(tx: Tx, id: string, from: PaymentStatus, to: PaymentStatus): Promise<boolean> {
    return (await tx.query(updateStatus, [id, from, to])).length > 0;
  }

  /**
   * Records calls to the gateway, and moves their payments by them. Of several moves of one payment
   * each follows the one before.
   * @returns for each whether it was made: false, and nothing changed, when the payment is not (any
   * more) in its state `from`
   */
  async moveEach(tx: Tx, moves: Move[]): Promise<boolean[]> {
    const chains = chainsOf(moves);
    const rows = [...chains.values()].flatMap(rowsOf);
    const moved = await tx.query<Pick<Payment, 'id'>>(moveWithAttempts, [
      JSON.stringify(rows),
      this.worker,
    ]);
    const made = new Set(moved.flatMap(({ id }) => chains.get(id) ?? []));
    return moves.map((move) => made.has(move));
  }

  /**
   * Takes at most `limit` payments that did not change for `afterMs`; of those that were checked
   * before, the ones that waited for as long again, or whose deadline has passed since.
   */
  async takeUnsettled(
    afterMs: number,
    limit: number,
    deadlineMs: number,
  ): Promise<UnsettledPayment[]> {
    const values = [afterMs / 1_000, limit, deadlineMs / 1_000];
    return this.db.query<UnsettledPayment>(takeUnsettled, values);
  }
}

/** The moves of each payment that can follow one another: its state decides on the first alone. */
function chainsOf(moves: Move[]): Map<string, Move[]> {
  const chains = new Map<string, Move[]>();
  for (const move of moves) {
    const chain = chains.get(move.id);
    if (chain === undefined) chains.set(move.id, [move]);
    else if (chain.at(-1)?.to === move.from) chain.push(move);
  }
  return chains;
}

function rowsOf(chain: Move[]): object[] {
  const from = chain[0]?.from;
  return chain.map(({ id, to, declineReason, call }, index) => {
    return { id, from, to, declineReason, ...call, number: index + 1, calls: chain.length };
  });
}
