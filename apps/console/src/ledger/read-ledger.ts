import { Injectable } from '@nestjs/common';
import type { Ledger, LedgerEntry } from '../api/ledger';
import { Services } from '../upstream/services';

interface Column {
  currency: string;
  debit: number;
  credit: number;
}

interface TrialBalance {
  items: (Column & { account: string })[];
  totals: Column[];
  balanced: boolean;
}

interface BookedEntry {
  transactionId: string;
  orderId: string;
  kind: string;
  bookedAt: string;
  postings: { account: string; side: 'debit' | 'credit'; currency: string; amount: number }[];
}

/** The books as financial shows them. */
@Injectable()
export class ReadLedger {
  constructor(private readonly services: Services) {}

  async balance(): Promise<Ledger> {
    const path = '/v1/ledger/trial-balance';
    return ledgerOf(await this.services.ask<TrialBalance>('financial', path));
  }

  /** Whether the columns are equal in every currency. */
  async isBalanced(): Promise<boolean> {
    const path = '/v1/ledger/trial-balance';
    return (await this.services.ask<TrialBalance>('financial', path)).balanced;
  }

  async entries(orderId: string): Promise<LedgerEntry[]> {
    const path = `/v1/ledger/entries?orderId=${encodeURIComponent(orderId)}`;
    const { items } = await this.services.ask<{ items: BookedEntry[] }>('financial', path);
    return items.map(entryOf);
  }
}

function ledgerOf({ items, totals }: TrialBalance): Ledger {
  return {
    currencies: totals.map(({ currency, debit, credit }) => ({
      currency,
      balanced: debit === credit,
      debit,
      credit,
      accounts: items
        .filter((line) => line.currency === currency)
        .map((line) => ({
          account: line.account,
          debit: line.debit,
          credit: line.credit,
          balance: line.debit - line.credit,
        })),
    })),
  };
}

function entryOf({ transactionId, postings, ...entry }: BookedEntry): LedgerEntry {
  return {
    ...entry,
    id: transactionId,
    currency: postings[0]?.currency ?? '',
    postings: postings.map(({ account, side, amount }) => ({ account, [side]: amount })),
  };
}
