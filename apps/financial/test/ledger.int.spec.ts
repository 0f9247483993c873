import { Db } from '@tradepost/database';
import { createTestDatabase, type TestDatabase } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { saleEntry } from '../src/ledger/entries';
import { LedgerStore } from '../src/ledger/ledger.store';

describe('the ledger as the database keeps it', () => {
  let database: TestDatabase;
  let db: Db;
  let ledger: LedgerStore;

  beforeAll(async () => {
    database = await createTestDatabase('financial');
    db = new Db({ url: database.url });
    ledger = new LedgerStore(db);
  });

  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  const money = () => ({ orderId: randomUUID(), currency: 'USD', amount: 500 }) as const;

  it('keeps an entry with its postings, the first of its kind an order', async () => {
    const sale = money();
    const [first, second] = [saleEntry(sale), saleEntry(sale)];
    const booked = await db.transaction((tx) => ledger.book(tx, [first, second]));
    const again = await db.transaction((tx) => ledger.book(tx, [saleEntry(sale)]));
    expect([...booked]).toEqual([first]);
    expect(again.size).toBe(0);
    expect(await ledger.entriesOf(sale.orderId)).toEqual([
      { ...first, bookedAt: expect.any(Date) as Date },
    ]);
  });

  it.each([
    ['amounts that differ', [{ side: 'debit' }, { side: 'credit', amount: 499 }]],
    ['two debits', [{ side: 'debit' }, { side: 'debit' }]],
    ['currencies that differ', [{ side: 'debit' }, { side: 'credit', currency: 'EUR' }]],
    ['one posting', [{ side: 'debit', amount: 0 }]],
    ['no postings', []],
  ])('refuses an entry with %s when its transaction commits', async (_, postings) => {
    const entry = saleEntry(money());
    const unbalanced = postings.map((posting) => ({ ...entry.postings[0], ...posting }));
    const book = { ...entry, postings: unbalanced } as typeof entry;
    await expect(db.transaction((tx) => ledger.book(tx, [book]))).rejects.toMatchObject({
      constraint: expect.stringMatching(/^ledger_entry_balanced$|posting_count_check$/) as string,
    });
    expect(await ledger.entriesOf(entry.orderId)).toEqual([]);
  });

  it('refuses a negative amount, and an account that is not in the chart', async () => {
    const entry = saleEntry(money());
    const [debit, credit] = entry.postings;
    const negative = [debit, credit].map((posting) => ({ ...posting, amount: -500 }));
    const unknown = [debit, credit].map((posting) => ({ ...posting, account: 'pocket' }));
    for (const postings of [negative, unknown]) {
      const book = { ...entry, postings } as typeof entry;
      await expect(db.transaction((tx) => ledger.book(tx, [book]))).rejects.toThrow(
        'violates check constraint',
      );
    }
  });

  it('refuses postings that are added to an entry later, balanced or not', async () => {
    const entry = saleEntry(money());
    await db.transaction((tx) => ledger.book(tx, [entry]));
    const add = {
      name: 'test-add-postings',
      text: `INSERT INTO ledger_postings (transaction_id, number, account, side, currency, amount)
             VALUES ($1, 3, 'cash', 'debit', 'USD', 1), ($1, 4, 'cash', 'credit', 'USD', 1)`,
    };
    await expect(db.query(add, [entry.transactionId])).rejects.toMatchObject({
      constraint: 'ledger_entry_complete',
    });
  });

  it.each([
    'UPDATE ledger_entries SET kind = kind',
    'UPDATE ledger_postings SET amount = amount + 1',
    'DELETE FROM ledger_entries',
    'DELETE FROM ledger_postings',
    'TRUNCATE ledger_entries, ledger_postings',
    'TRUNCATE ledger_postings',
  ])('refuses %s', async (text) => {
    await expect(db.query({ name: '', text })).rejects.toThrow('is append-only');
  });
});
