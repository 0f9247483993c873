import type { Balance } from './balances.store';
import { accounts } from './entries';

export interface TrialBalance {
  /** Every account of the chart, for each currency with postings; its balance in one column. */
  items: Balance[];
  totals: Omit<Balance, 'account'>[];
  /** Whether the totals of both columns are the same, in every currency. */
  balanced: boolean;
}

export function trialBalance(balances: Balance[]): TrialBalance {
  const currencies = [...new Set(balances.map(({ currency }) => currency))].sort();
  const items = currencies.flatMap((currency) =>
    accounts.map((account) => {
      const kept = balances.find((line) => line.account === account && line.currency === currency);
      const balance = (kept?.debit ?? 0) - (kept?.credit ?? 0);
      return { account, currency, debit: Math.max(balance, 0), credit: Math.max(-balance, 0) };
    }),
  );
  const totals = currencies.map((currency) => {
    const lines = items.filter((line) => line.currency === currency);
    return {
      currency,
      debit: lines.reduce((sum, { debit }) => sum + debit, 0),
      credit: lines.reduce((sum, { credit }) => sum + credit, 0),
    };
  });
  return { items, totals, balanced: totals.every(({ debit, credit }) => debit === credit) };
}
