import { trialBalance } from '../src/ledger/trial-balance';

describe('a trial balance', () => {
  it('has each account in one column, and columns of the same total, by currency', () => {
    const balances = [
      { account: 'cash', currency: 'USD', debit: 900, credit: 200 },
      { account: 'refunds', currency: 'USD', debit: 200, credit: 0 },
      { account: 'revenue', currency: 'USD', debit: 0, credit: 1_000 },
      { account: 'receivable', currency: 'USD', debit: 1_000, credit: 900 },
      { account: 'receivable', currency: 'JPY', debit: 50, credit: 50 },
    ] as const;
    expect(trialBalance([...balances])).toEqual({
      items: [
        { account: 'receivable', currency: 'JPY', debit: 0, credit: 0 },
        { account: 'revenue', currency: 'JPY', debit: 0, credit: 0 },
        { account: 'refunds', currency: 'JPY', debit: 0, credit: 0 },
        { account: 'cash', currency: 'JPY', debit: 0, credit: 0 },
        { account: 'receivable', currency: 'USD', debit: 100, credit: 0 },
        { account: 'revenue', currency: 'USD', debit: 0, credit: 1_000 },
        { account: 'refunds', currency: 'USD', debit: 200, credit: 0 },
        { account: 'cash', currency: 'USD', debit: 700, credit: 0 },
      ],
      totals: [
        { currency: 'JPY', debit: 0, credit: 0 },
        { currency: 'USD', debit: 1_000, credit: 1_000 },
      ],
      balanced: true,
    });
  });

  it('says when the columns differ, be it in one currency', () => {
    const { balanced, totals } = trialBalance([
      { account: 'cash', currency: 'USD', debit: 1, credit: 0 },
      { account: 'revenue', currency: 'USD', debit: 0, credit: 1 },
      { account: 'cash', currency: 'EUR', debit: 3, credit: 0 },
      { account: 'revenue', currency: 'EUR', debit: 0, credit: 2 },
    ]);
    expect({ balanced, totals }).toEqual({
      balanced: false,
      totals: [
        { currency: 'EUR', debit: 3, credit: 2 },
        { currency: 'USD', debit: 1, credit: 1 },
      ],
    });
  });

  it('of an empty ledger is empty', () => {
    expect(trialBalance([])).toEqual({ items: [], totals: [], balanced: true });
  });
});
