import { Injectable } from '@nestjs/common';
import { Db, type Tx } from '@tradepost/database';
import { NIL } from 'uuid';
import type { Entry, OrderMoney } from './entries';

// Entries go to the server as one JSON text, however many they are: one statement a batch.
const insertEntries = {
  name: 'ledger-insert-entries',
  text: `
    WITH given AS (
      SELECT * FROM jsonb_to_recordset($1)
        AS given ("transactionId" uuid, "orderId" uuid, kind text, postings jsonb)
    ), booked AS (
      INSERT INTO ledger_entries (transaction_id, order_id, kind, posting_count)
      SELECT "transactionId", "orderId", kind, jsonb_array_length(postings) FROM given
      ON CONFLICT (order_id, kind) DO NOTHING
      RETURNING transaction_id
    ), posted AS (
      INSERT INTO ledger_postings (transaction_id, number, account, side, currency, amount)
      SELECT transaction_id, number,
        p->>'account', p->>'side', p->>'currency', (p->>'amount')::bigint
      FROM given
        JOIN booked ON transaction_id = "transactionId",
        jsonb_array_elements(postings) WITH ORDINALITY AS posting (p, number)
    )
    SELECT transaction_id AS "transactionId" FROM booked`,
};

const columns = `
  e.transaction_id AS "transactionId", e.order_id AS "orderId", e.kind, e.booked_at AS "bookedAt",
  jsonb_agg(jsonb_build_object(
    'account', p.account, 'side', p.side, 'currency', p.currency, 'amount', p.amount
  ) ORDER BY p.number) AS postings`;

const selectEntries = {
  name: 'ledger-select-entries',
  text: `
    SELECT ${columns}
    FROM ledger_entries e JOIN ledger_postings p USING (transaction_id)
    WHERE e.order_id = $1
    GROUP BY e.transaction_id
    ORDER BY e.booked_at, e.transaction_id`,
};

// On the index that lets an order have one entry of a kind. The entry's id beside them: an audit
// that looks for a second one of a kind must not lose it between two pages.
const selectPage = {
  name: 'ledger-select-page',
  text: `
    SELECT ${columns}
    FROM (
      SELECT * FROM ledger_entries
      WHERE (order_id, kind, transaction_id) > ($1::uuid, $2::text, $3::uuid)
      ORDER BY order_id, kind, transaction_id
      LIMIT $4
    ) AS e
      JOIN ledger_postings p USING (transaction_id)
    GROUP BY e.transaction_id, e.order_id, e.kind, e.booked_at
    ORDER BY e.order_id, e.kind, e.transaction_id`,
};

const selectPaid = {
  name: 'ledger-select-paid',
  text: `
    SELECT order_id AS "orderId" FROM ledger_entries
    WHERE order_id = ANY ($1::uuid[]) AND kind IN ('settlement', 'refund')`,
};

const selectSales = {
  name: 'ledger-select-sales',
  text: `
    SELECT order_id AS "orderId", transaction_id AS "transactionId" FROM ledger_entries
    WHERE order_id = ANY ($1::uuid[]) AND kind = 'sale'`,
};

const selectReversed = {
  name: 'ledger-select-reversed',
  text: `
    SELECT order_id AS "orderId" FROM ledger_entries
    WHERE order_id = ANY ($1::uuid[]) AND kind = 'reversal'`,
};

// The first posting of an entry has its whole amount: see entries.ts.
const selectMoney = {
  name: 'ledger-select-money-of-sales',
  text: `
    SELECT order_id AS "orderId", currency, amount
    FROM ledger_entries e JOIN ledger_postings p USING (transaction_id)
    WHERE order_id = ANY ($1::uuid[]) AND kind = 'sale' AND number = 1`,
};

const insertCancellations = {
  name: 'cancellations-insert',
  text: `
    INSERT INTO cancelled_orders (order_id, reason)
    SELECT * FROM unnest($1::uuid[], $2::text[])
    ON CONFLICT DO NOTHING`,
};

const selectCancelled = {
  name: 'cancellations-select',
  text: 'SELECT order_id AS "orderId" FROM cancelled_orders WHERE order_id = ANY ($1::uuid[])',
};

export interface BookedEntry extends Entry {
  bookedAt: Date;
}

/** Where a page ended: its last entry. */
export type EntryPosition = Record<'orderId' | 'kind' | 'transactionId', string>;

const beginning: EntryPosition = { orderId: NIL, kind: '', transactionId: NIL };

@Injectable()
export class LedgerStore {
  constructor(private readonly db: Db) {}

  /** @returns those that are new; an order that has an entry of that kind keeps the one it has */
  async book(tx: Tx, entries: Entry[]): Promise<Set<Entry>> {
    if (entries.length === 0) return new Set();
    const rows = await tx.query<{ transactionId: string }>(insertEntries, [
      JSON.stringify(entries),
    ]);
    const booked = new Set(rows.map(({ transactionId }) => transactionId));
    return new Set(entries.filter(({ transactionId }) => booked.has(transactionId)));
  }

  /** Oldest first. */
  async entriesOf(orderId: string, on: Tx | Db = this.db): Promise<BookedEntry[]> {
    return on.query<BookedEntry>(selectEntries, [orderId]);
  }

  /** In the order of their orders' ids, at most `limit` of those after `position`. */
  async page(position: EntryPosition | undefined, limit: number): Promise<BookedEntry[]> {
    const { orderId, kind, transactionId } = position ?? beginning;
    return this.db.query<BookedEntry>(selectPage, [orderId, kind, transactionId, limit]);
  }

  async reversalsOf(tx: Tx, orderIds: string[]): Promise<Entry[]> {
    const rows = await tx.query<{ orderId: string }>(selectReversed, [orderIds]);
    const entries: Entry[] = [];
    // Few, as a rule none: an order is paid after its sale was reversed.
    for (const { orderId } of rows) entries.push(...(await this.entriesOf(orderId, tx)));
    return entries.filter(({ kind }) => kind === 'reversal');
  }

  /** What these orders were sold for, those that were. */
  async moneyOfSales(tx: Tx, orderIds: string[]): Promise<OrderMoney[]> {
    return tx.query<OrderMoney>(selectMoney, [orderIds]);
  }

  /** The transactions that booked these orders' sales, by order. */
  async salesOf(tx: Tx, orderIds: string[]): Promise<Map<string, string>> {
    const rows = await tx.query<Pick<Entry, 'orderId' | 'transactionId'>>(selectSales, [orderIds]);
    return new Map(rows.map(({ orderId, transactionId }) => [orderId, transactionId]));
  }

  /** Those of the orders whose money was taken, be it given back or not. */
  async paidAmong(tx: Tx, orderIds: string[]): Promise<Set<string>> {
    if (orderIds.length === 0) return new Set();
    const rows = await tx.query<{ orderId: string }>(selectPaid, [orderIds]);
    return new Set(rows.map((row) => row.orderId));
  }

  /** For sales that come after their orders' cancellations. */
  async addCancellations(tx: Tx, orders: { orderId: string; reason: string }[]): Promise<void> {
    await tx.query(insertCancellations, [
      orders.map(({ orderId }) => orderId),
      orders.map(({ reason }) => reason),
    ]);
  }

  async cancelledAmong(tx: Tx, orderIds: string[]): Promise<Set<string>> {
    const rows = await tx.query<{ orderId: string }>(selectCancelled, [orderIds]);
    return new Set(rows.map((row) => row.orderId));
  }
}
