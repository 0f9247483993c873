import { Db } from '@tradepost/database';
import { createTestDatabase, type TestDatabase } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { reversalEntry, saleEntry, settlementEntry } from '../src/ledger/entries';
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
  ])('refuses an entry with %s', async (_, postings) => {
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

  it('judges each currency of an entry, and an entry of any number of postings, alone', async () => {
    const entry = saleEntry(money());
    const euros = entry.postings.map((posting) => ({ ...posting, currency: 'EUR' as const }));
    const two = { ...entry, postings: [...entry.postings, ...euros] };
    await db.transaction((tx) => ledger.book(tx, [two, saleEntry(money())]));
    const [booked] = await ledger.entriesOf(entry.orderId);
    expect(booked?.postings).toEqual(two.postings);
  });

  it('refuses all entries of a statement that has a bad one', async () => {
    const [good, bad] = [saleEntry(money()), saleEntry(money())];
    bad.postings = bad.postings.map((posting, i) => ({ ...posting, amount: 1 + i }));
    await expect(db.transaction((tx) => ledger.book(tx, [good, bad]))).rejects.toMatchObject({
      constraint: 'ledger_entry_balanced',
      message: `ledger entry ${bad.transactionId} does not balance`,
    });
    expect(await ledger.entriesOf(good.orderId)).toEqual([]);
  });

  it('finds of each order what it is asked for, and nothing of another one', async () => {
    const [paid, reversed] = [money(), money()];
    const [sale, settlement] = [saleEntry(paid), settlementEntry(paid)];
    const reversal = reversalEntry(reversed);
    const reason = 'changed my mind';
    await db.transaction(async (tx) => {
      await ledger.book(tx, [sale, settlement, saleEntry(reversed), reversal]);
      await ledger.addCancellations(tx, [{ orderId: reversed.orderId, reason }]);
      const [one, other] = [[paid.orderId], [reversed.orderId]];
      const found = [ledger.paidAmong, ledger.cancelledAmong].map(async (among) =>
        Promise.all([one, other].map(async (ids) => [...(await among.call(ledger, tx, ids))])),
      );
      expect(await Promise.all(found)).toEqual([
        [one, []],
        [[], other],
      ]);
      expect(await ledger.salesOf(tx, one)).toEqual(new Map([[paid.orderId, sale.transactionId]]));
      expect(await ledger.moneyOfSales(tx, one)).toEqual([paid]);
      expect(await ledger.reversalsOf(tx, one)).toEqual([]);
      expect(await ledger.reversalsOf(tx, other)).toMatchObject([reversal]);
    });
    const refunded = settlementEntry(money());
    await db.transaction(async (tx) => {
      await ledger.book(tx, [refunded]);
      // Of a sale alone, whatever else its order has.
      expect(await ledger.moneyOfSales(tx, [refunded.orderId])).toEqual([]);
    });
  });

  it('shows the entries of an order in the order of time', async () => {
    const sale = { ...saleEntry(money()), transactionId: `f${randomUUID().slice(1)}` };
    const order = { orderId: sale.orderId, currency: 'USD', amount: 500 } as const;
    const settlement = { ...settlementEntry(order), transactionId: `0${randomUUID().slice(1)}` };
    await db.transaction((tx) => ledger.book(tx, [sale]));
    await db.transaction((tx) => ledger.book(tx, [settlement]));
    const kinds = (await ledger.entriesOf(sale.orderId)).map(({ kind }) => kind);
    expect(kinds).toEqual(['sale', 'settlement']);
  });

  it('reads no more entries than it is asked for', async () => {
    await db.transaction((tx) => ledger.book(tx, [saleEntry(money()), saleEntry(money())]));
    expect(await ledger.page(undefined, 1)).toHaveLength(1);
  });

  const insertEntry = `
    INSERT INTO ledger_entries (transaction_id, order_id, kind, posting_count)
    VALUES ($1, gen_random_uuid(), 'sale', 2)`;
  const insertPostings = (numbers: number[], entry = '$1::uuid') => `
    INSERT INTO ledger_postings (transaction_id, number, account, side, currency, amount)
    SELECT ${entry}, number, 'cash', (ARRAY['debit', 'credit'])[1 + number % 2], 'USD', 1
    FROM unnest('{${numbers.join()}}'::int[]) AS number`;
  const insertBoth = (numbers: number[]) => `
    WITH entry AS (${insertEntry} RETURNING transaction_id)
    ${insertPostings(numbers, '(SELECT transaction_id FROM entry)')}`;
  const sql = (text: string) => ({ name: '', text });
  const incomplete = { constraint: 'ledger_entry_complete' };

  it('takes an entry and its postings in one statement only', async () => {
    await db.query(sql(insertBoth([1, 2])), [randomUUID()]);
    const id = randomUUID();
    const both = db.transaction(async (tx) => {
      await tx.query(sql(insertEntry), [id]);
      await tx.query(sql(insertPostings([1, 2])), [id]);
    });
    await expect(both).rejects.toMatchObject(incomplete);
    await expect(db.query(sql(insertEntry), [id])).rejects.toMatchObject(incomplete);
    const alone = db.query(sql(insertPostings([1, 2])), [id]);
    await expect(alone).rejects.toMatchObject({ constraint: expect.any(String) as string });
  });

  it.each([[[1, 2, 3, 4]], [[2, 3]], [[1, 4]], [[3, 4]]])(
    'refuses an entry of two postings with postings numbered %j',
    async (numbers) => {
      await expect(db.query(sql(insertBoth(numbers)), [randomUUID()])).rejects.toMatchObject(
        incomplete,
      );
    },
  );

  it.each([
    [[3, 4], 'ledger_entry_complete'],
    [[1, 2], 'ledger_postings_pkey'],
  ])('refuses postings %j that are added to an entry later, though balanced', async (n, why) => {
    const entry = saleEntry(money());
    await db.transaction((tx) => ledger.book(tx, [entry]));
    const add = db.query(sql(insertPostings(n)), [entry.transactionId]);
    await expect(add).rejects.toMatchObject({ constraint: why });
  });

  it.each([
    'UPDATE ledger_entries SET kind = kind',
    'UPDATE ledger_postings SET amount = amount + 1',
    'DELETE FROM ledger_entries',
    'DELETE FROM ledger_postings',
    'TRUNCATE ledger_entries, ledger_postings',
    'TRUNCATE ledger_postings',
  ])('refuses %s', async (text) => {
    const [table = ''] = /ledger_\w+/.exec(text) ?? [];
    await expect(db.query({ name: '', text })).rejects.toMatchObject({
      constraint: `${table}_append_only`,
      message: `${table} is append-only: book a reversal instead`,
    });
  });
});
