import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import type { Account, Posting } from './entries';

// One statement, and so one view of both: a note that is folded meanwhile counts once.
const selectBalances = {
  name: 'balances-select',
  text: `
    SELECT account, currency, sum(debit)::bigint AS debit, sum(credit)::bigint AS credit
    FROM (
      SELECT account, currency, debit, credit FROM snapshots.balances
      UNION ALL
      SELECT account, currency, debit, credit FROM snapshots.unfolded
    ) AS parts
    GROUP BY account, currency
    ORDER BY account, currency`,
};

const fold = { name: 'balances-fold', text: 'SELECT snapshots.fold($1) AS folded' };

/** Minor units of `currency`. */
export interface Balance {
  account: Account;
  currency: Posting['currency'];
  debit: number;
  credit: number;
}

/** Balances as they are kept beside the postings: see migrations/0002-snapshots.sql. */
@Injectable()
export class BalancesStore {
  constructor(private readonly db: Db) {}

  /** A line an account and currency that has postings; takes as long however many there are. */
  async balances(): Promise<Balance[]> {
    return this.db.query<Balance>(selectBalances);
  }

  /** @returns how many notes were folded, at most `max`; 0 while another replica is at it */
  async fold(max: number): Promise<number> {
    const [row] = await this.db.query<{ folded: number }>(fold, [max]);
    return row?.folded ?? 0;
  }
}
