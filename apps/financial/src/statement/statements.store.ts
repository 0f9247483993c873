import { Injectable } from '@nestjs/common';
import type { Currency } from '@tradepost/contracts';
import { Db, type Tx } from '@tradepost/database';
import { NIL } from 'uuid';
import type { Account, EntryKind } from '../ledger/entries';

// What was booked before each end: whole days from the snapshots, the rest of a day from postings.
const selectEnds = {
  name: 'statements-select-ends',
  text: `
    SELECT (
      SELECT coalesce(sum(debit - credit), 0)::bigint
      FROM (
        SELECT debit, credit FROM snapshots.days
        WHERE account = $1 AND currency = $2 AND day < began.day
        UNION ALL
        SELECT debit, credit FROM snapshots.unfolded
        WHERE account = $1 AND currency = $2 AND day < began.day
        UNION ALL
        SELECT
          CASE side WHEN 'debit' THEN amount ELSE 0 END,
          CASE side WHEN 'credit' THEN amount ELSE 0 END
        FROM ledger_postings
        WHERE account = $1 AND currency = $2
          AND booked_at >= began.day::timestamp AT TIME ZONE 'UTC' AND booked_at < ends.at
      ) AS parts
    ) AS balance
    FROM (VALUES (1, $3::timestamptz), (2, $4::timestamptz)) AS ends (number, at)
      CROSS JOIN LATERAL (SELECT (at AT TIME ZONE 'UTC')::date AS day) AS began
    ORDER BY ends.number`,
};

const selectLines = {
  name: 'statements-select-lines',
  text: `
    SELECT to_char(p.booked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "bookedAt",
      p.transaction_id AS "transactionId", p.number, e.order_id AS "orderId", e.kind,
      CASE p.side WHEN 'debit' THEN p.amount ELSE 0 END AS debit,
      CASE p.side WHEN 'credit' THEN p.amount ELSE 0 END AS credit
    FROM ledger_postings p JOIN ledger_entries e USING (transaction_id)
    WHERE p.account = $1 AND p.currency = $2
      AND p.booked_at < $3::timestamptz
      AND (p.booked_at, p.transaction_id, p.number) > ($4::timestamptz, $5::uuid, $6::bigint)
    ORDER BY p.booked_at, p.transaction_id, p.number
    LIMIT $7`,
};

const oneView = {
  name: 'statements-one-view',
  text: 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY',
};

/** An account's life in one currency, from `from` on, up to `to` and without it. */
export interface Period {
  account: Account;
  currency: Currency;
  /** ISO 8601, with a zone; so is `to`. */
  from: string;
  to: string;
}

/** A line of an account: one posting. Minor units of the period's currency. */
export interface Line {
  /** To the microsecond: that is the order of the lines. */
  bookedAt: string;
  transactionId: string;
  /** Of the posting in its entry. */
  number: number;
  orderId: string;
  kind: EntryKind;
  debit: number;
  credit: number;
}

/** Where a page ended: its last line, and the balance after it. */
export interface StatementPosition extends Pick<Line, 'bookedAt' | 'transactionId' | 'number'> {
  balance: number;
}

@Injectable()
export class StatementsStore {
  constructor(private readonly db: Db) {}

  /** Runs `read` in a transaction whose statements all see one snapshot. */
  async inOneView<T>(read: (tx: Tx) => Promise<T>): Promise<T> {
    return this.db.transaction(async (tx) => {
      await tx.query(oneView);
      return read(tx);
    });
  }

  /** Debit less credit of all that was booked before the period, and before its end. */
  async ends(tx: Tx, period: Period): Promise<{ opening: number; closing: number }> {
    const { account, currency, from, to } = period;
    const rows = await tx.query<{ balance: number }>(selectEnds, [account, currency, from, to]);
    return { opening: rows[0]?.balance ?? 0, closing: rows[1]?.balance ?? 0 };
  }

  /** Oldest first, at most `limit` of those after `position`, or of all of them. */
  async lines(
    { account, currency, from, to }: Period,
    position: Omit<StatementPosition, 'balance'> | undefined,
    limit: number,
    on: Tx | Db = this.db,
  ): Promise<Line[]> {
    // NIL and 0 come before everything that is booked at `from`.
    const after = position ?? { bookedAt: from, transactionId: NIL, number: 0 };
    const { bookedAt, transactionId, number } = after;
    const values = [account, currency, to, bookedAt, transactionId, number, limit];
    return on.query<Line>(selectLines, values);
  }
}
