/**
 * | request | answer |
 * |---|---|
 * | GET  /api/ledger | Ledger |
 * | GET  /api/ledger/entries?orderId= | { items: LedgerEntry[] } |
 * | GET  /api/ledger/series?currency=&from=&to= | LedgerSeries |
 */

export interface Ledger {
  currencies: {
    currency: string;
    balanced: boolean;
    debit: number;
    credit: number;
    accounts: { account: string; debit: number; credit: number; balance: number }[];
  }[];
}

export interface LedgerEntry {
  id: string;
  kind: string;
  orderId: string;
  currency: string;
  postings: { account: string; debit?: number; credit?: number; [more: string]: unknown }[];
  bookedAt: string;
  [more: string]: unknown;
}

/** The balance of each account at the end of each step of time. */
export interface LedgerSeries {
  currency: string;
  at: number[];
  accounts: Record<string, number[]>;
}
