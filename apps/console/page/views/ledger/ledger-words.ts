import type { Ledger, LedgerEntry } from '../../../src/api/ledger';
import { money } from '../../parts/format';

type Balance = Ledger['currencies'][number];

/** "EUR balances: €9,182.00 on either side.", or by how much it does not. */
export function trialBalance({ currency, balanced, debit, credit }: Balance): string {
  if (balanced) return `${currency} balances: ${money(debit, currency)} on either side.`;
  const [more, less] = debit > credit ? ['debit', 'credit'] : ['credit', 'debit'];
  const difference = money(Math.abs(debit - credit), currency);
  return (
    `${currency} does not balance: ${more} is ${difference} more than ${less} ` +
    `(${money(debit, currency)} and ${money(credit, currency)}).`
  );
}

export interface PostingRow {
  key: string;
  entry: LedgerEntry;
  /** The first of its entry: it carries what the entry says. */
  first: boolean;
  account: string;
  debit?: number;
  credit?: number;
}

/** An entry's postings, a row each, debits before credits. */
export function postingRows(entries: LedgerEntry[]): PostingRow[] {
  return entries.flatMap((entry) =>
    entry.postings
      .toSorted((a, b) => Number(Boolean(b.debit)) - Number(Boolean(a.debit)))
      .map(({ account, debit, credit }, at) => ({
        key: `${entry.id} ${at}`,
        entry,
        first: at === 0,
        account,
        ...(debit ? { debit } : {}),
        ...(credit ? { credit } : {}),
      })),
  );
}

/** An account whose balance is on the credit side, such as revenue. */
export function isCreditSide(values: number[]): boolean {
  return Math.abs(Math.min(0, ...values)) > Math.max(0, ...values);
}

/** Its balance as it grows: a credit counts up where credits are what it holds. */
export function onItsSide(values: number[]): number[] {
  return isCreditSide(values) ? values.map((value) => 0 - value) : values;
}

/** `€1.2K`: beside a chart. */
export function shortMoney(amount: number, currency: string): string {
  const form = new Intl.NumberFormat('en', { style: 'currency', currency, notation: 'compact' });
  const { maximumFractionDigits: digits = 2 } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
  }).resolvedOptions();
  return form.format(amount / 10 ** digits);
}
