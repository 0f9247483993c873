import type { Ledger, LedgerEntry } from '../../../src/api';
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
