import type { Currency } from '@tradepost/contracts';
import { v7 as uuidv7 } from 'uuid';

export type Account = 'receivable' | 'revenue' | 'cash';
export type Side = 'debit' | 'credit';
export type EntryKind = 'sale' | 'settlement' | 'reversal' | 'refund';

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

// The four entries only ever add up: reversal undoes sale, refund undoes settlement, whatever came
// first. So events may be handled in any order, and the accounts are right once all have come. In
// between, a credit balance of receivable is money that we owe to customers.

/** The customer owes us for what was sold. */
export function saleEntry(money: OrderMoney): Entry {
  return entry('sale', money, { debit: 'receivable', credit: 'revenue' });
}

/** The customer has paid what was owed. */
export function settlementEntry(money: OrderMoney): Entry {
  return entry('settlement', money, { debit: 'cash', credit: 'receivable' });
}

/** Nothing was sold after all. */
export function reversalEntry(money: OrderMoney): Entry {
  return entry('reversal', money, { debit: 'revenue', credit: 'receivable' });
}

/** What the customer has paid was given back. */
export function refundEntry(money: OrderMoney): Entry {
  return entry('refund', money, { debit: 'receivable', credit: 'cash' });
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
