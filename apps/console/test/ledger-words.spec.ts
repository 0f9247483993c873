import {
  isCreditSide,
  onItsSide,
  postingRows,
  shortMoney,
  trialBalance,
} from '../page/views/ledger/ledger-words';

describe('a trial balance in words', () => {
  it('balances, or names the difference', () => {
    const balance = {
      currency: 'EUR',
      balanced: true,
      debit: 918200,
      credit: 918200,
      accounts: [],
    };
    expect(trialBalance(balance)).toBe('EUR balances: €9,182.00 on either side.');
    expect(trialBalance({ ...balance, balanced: false, debit: 918500 })).toBe(
      'EUR does not balance: debit is €3.00 more than credit (€9,185.00 and €9,182.00).',
    );
    expect(
      trialBalance({ ...balance, currency: 'JPY', balanced: false, debit: 10, credit: 25 }),
    ).toBe('JPY does not balance: credit is ¥15 more than debit (¥10 and ¥25).');
  });
});

describe('entries of an order', () => {
  it('are rows of postings, debits first', () => {
    const entry = {
      id: 'e1',
      kind: 'sale',
      orderId: 'o',
      currency: 'EUR',
      bookedAt: '2026-11-26T12:00:00.000Z',
      postings: [
        { account: 'revenue', debit: 0, credit: 5 },
        { account: 'receivable', debit: 5, credit: 0 },
      ],
    };
    expect(postingRows([entry])).toEqual([
      { key: 'e1 0', entry, first: true, account: 'receivable', debit: 5 },
      { key: 'e1 1', entry, first: false, account: 'revenue', credit: 5 },
    ]);
  });
});

describe('balances over time', () => {
  it('are short beside a chart', () => {
    expect([
      shortMoney(123_456, 'EUR'),
      shortMoney(2_500_000, 'JPY'),
      shortMoney(0, 'USD'),
    ]).toEqual(['€1.2K', '¥2.5M', '$0']);
  });

  it('grow on the side of their account', () => {
    expect(onItsSide([0, -5, -9])).toEqual([0, 5, 9]);
    expect(onItsSide([0, 5, -1])).toEqual([0, 5, -1]);
    expect([[], [0], [-1], [2, -1]].map(isCreditSide)).toEqual([false, false, true, false]);
  });
});
