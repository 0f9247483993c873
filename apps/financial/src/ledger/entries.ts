import type { Currency } from '@tradepost/contracts';
import { v7 as uuidv7 } from 'uuid';

/** The chart of accounts. `refunds` is contra revenue: what was sold, less what was given back. */
export const accounts = ['receivable', 'revenue', 'refunds', 'cash'] as const;

export type Account = (typeof accounts)[number];
export type Side = 'debit' | 'credit';
export type EntryKind = 'sale' | 'settlement' | 'reversal' | 'reinstatement' | 'refund';

export interface Posting {
  account: Account;
  side: Side;
  currency: Currency;
  /** Minor units of `currency`. */
  amount: number;
}

/** One business fact of one order, as it stands in the ledger; one of each kind an order. */
export interface Entry {
  transactionId: string;
  orderId: string;
  kind: EntryKind;
  postings: Posting[];
}

/** What an entry is about: so much money of this order. */
export interface OrderMoney {
  orderId: string;
  currency: Currency;
  /** Minor units of `currency`. */
  amount: number;
}

// Events may come in any order, and the accounts are the same once all have come. A cancelled sale
// is reversed if it was not paid. If it was paid, it stands, and the refund goes against refunds:
// revenue and refunds together come to nothing. A payment that comes after the reversal undoes it
// with a reinstatement. In between, a credit balance of receivable is money that we owe to
// customers.

/** The customer owes us for what was sold. */
export function saleEntry(money: OrderMoney): Entry {
  return entry('sale', money, { debit: 'receivable', credit: 'revenue' });
}

/** The customer has paid what was owed. */
export function settlementEntry(money: OrderMoney): Entry {
  return entry('settlement', money, { debit: 'cash', credit: 'receivable' });
}

/** Nothing was sold after all: the sale was not paid. */
export function reversalEntry(money: OrderMoney): Entry {
  return entry('reversal', money, { debit: 'revenue', credit: 'receivable' });
}

/** The sale that was reversed stands, because it was paid: the reversal's postings, swapped. */
export function reinstatementOf(reversal: Entry): Entry {
  const swapped = reversal.postings.map((posting): Posting => ({
    ...posting,
    side: posting.side === 'debit' ? 'credit' : 'debit',
  }));
  return {
    transactionId: uuidv7(),
    orderId: reversal.orderId,
    kind: 'reinstatement',
    postings: swapped,
  };
}

/** What the customer has paid was given back. The sale stays in revenue. */
export function refundEntry(money: OrderMoney): Entry {
  return entry('refund', money, { debit: 'refunds', credit: 'cash' });
}

function entry(
  kind: EntryKind,
  { orderId, currency, amount }: OrderMoney,
  accounts: Record<Side, Account>,
): Entry {
  return {
    transactionId: uuidv7(),
    orderId,
    kind,
    postings: [
      { account: accounts.debit, side: 'debit', currency, amount },
      { account: accounts.credit, side: 'credit', currency, amount },
    ],
  };
}
