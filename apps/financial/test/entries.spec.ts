import { randomUUID } from 'node:crypto';
import {
  type Entry,
  refundEntry,
  reinstatementOf,
  reversalEntry,
  saleEntry,
  settlementEntry,
} from '../src/ledger/entries';

const money = { orderId: randomUUID(), currency: 'USD', amount: 12_990 } as const;

/** Debit less credit, by account. */
function balances(entries: Entry[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { account, side, amount } of entries.flatMap(({ postings }) => postings)) {
    sums[account] = (sums[account] ?? 0) + (side === 'debit' ? amount : -amount);
  }
  return sums;
}

describe('ledger entries', () => {
  it.each([
    ['sale', saleEntry, { receivable: 12_990, revenue: -12_990 }],
    ['settlement', settlementEntry, { cash: 12_990, receivable: -12_990 }],
    ['reversal', reversalEntry, { revenue: 12_990, receivable: -12_990 }],
    ['refund', refundEntry, { refunds: 12_990, cash: -12_990 }],
  ])('%s has two sides of the same amount', (kind, make, expected) => {
    const entry = make(money);
    expect(entry).toMatchObject({ orderId: money.orderId, kind });
    expect(balances([entry])).toEqual(expected);
  });

  it('a settled sale leaves cash and revenue, and nothing owed', () => {
    expect(balances([saleEntry(money), settlementEntry(money)])).toEqual({
      cash: 12_990,
      receivable: 0,
      revenue: -12_990,
    });
  });

  it('a sale that was not paid and is reversed leaves nothing', () => {
    const sold = [saleEntry(money), reversalEntry(money)];
    expect(balances(sold)).toEqual({ receivable: 0, revenue: 0 });
  });

  it('a paid sale that is refunded stays in revenue, and refunds outweigh it', () => {
    const paid = [saleEntry(money), settlementEntry(money), refundEntry(money)];
    const left = { cash: 0, receivable: 0, revenue: -12_990, refunds: 12_990 };
    expect(balances(paid)).toEqual(left);
    const reversal = reversalEntry(money);
    const reinstatement = reinstatementOf(reversal);
    expect(reinstatement).toMatchObject({ orderId: money.orderId, kind: 'reinstatement' });
    expect(balances([...paid, reversal, reinstatement])).toEqual(left);
  });
});
