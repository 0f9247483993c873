import { Db } from '@tradepost/database';
import {
  createTestDatabase,
  eventually,
  heldUp,
  inTurn,
  type TestDatabase,
  testService,
} from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { type Balance, BalancesStore } from '../src/ledger/balances.store';
import { type Entry, refundEntry, saleEntry, settlementEntry } from '../src/ledger/entries';
import { FinancialModule } from '../src/financial.module';
import { LedgerStore } from '../src/ledger/ledger.store';

function sql(text: string) {
  return { name: '', text };
}

const bookedBalances = `
  SELECT account, currency,
    coalesce(sum(amount) FILTER (WHERE side = 'debit'), 0)::bigint AS debit,
    coalesce(sum(amount) FILTER (WHERE side = 'credit'), 0)::bigint AS credit
  FROM ledger_postings GROUP BY account, currency ORDER BY account, currency`;

const daysBalances = `
  SELECT account, currency, sum(debit)::bigint AS debit, sum(credit)::bigint AS credit
  FROM snapshots.days GROUP BY account, currency ORDER BY account, currency`;

function entriesOf(count: number): Entry[] {
  return Array.from({ length: count }, (_, i) => {
    const currency = i % 2 === 0 ? 'JPY' : 'USD';
    const money = { orderId: randomUUID(), currency, amount: 100 + i } as const;
    if (i % 3 === 0) return saleEntry(money);
    return i % 3 === 1 ? settlementEntry(money) : refundEntry(money);
  });
}

function debitsLessCredits(balances: Balance[], currency: string): number {
  return balances
    .filter((line) => line.currency === currency)
    .reduce((sum, { debit, credit }) => sum + debit - credit, 0);
}

async function medianMs(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 31; i += 1) {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
  }
  return Number(times.sort((a, b) => a - b)[15]?.toFixed(2));
}

describe('the balances', () => {
  let database: TestDatabase;
  let owner: Db;
  let replica: Db;
  let replicas: Db[];

  beforeEach(async () => {
    database = await createTestDatabase('financial');
    owner = new Db({ url: database.url });
    replica = new Db({ url: database.serviceUrl, poolMax: 4 });
    replicas = [replica, ...[2, 3].map(() => new Db({ url: database.serviceUrl, poolMax: 4 }))];
  });

  afterEach(async () => {
    await Promise.all([owner, ...replicas].map((db) => db.close()));
    await database.drop();
  });

  const store = () => new BalancesStore(replica);

  async function book(db: Db, entries: Entry[]): Promise<void> {
    await db.transaction((tx) => new LedgerStore(db).book(tx, entries));
  }

  it('are what is booked at any moment, while replicas book and fold at the same time', async () => {
    let booking = true;
    const books = replicas.map(async (db) => {
      for (let i = 0; i < 40; i += 1) await book(db, entriesOf(1 + (i % 7)));
    });
    const others = replicas.map(async (db) => {
      const balances = new BalancesStore(db);
      let reads = 0;
      for (; booking || reads === 0; reads += 1) {
        await balances.fold(5);
        const seen = await balances.balances();
        expect([debitsLessCredits(seen, 'USD'), debitsLessCredits(seen, 'JPY')]).toEqual([0, 0]);
      }
    });
    await Promise.all(books).finally(() => (booking = false));
    await Promise.all(others);
    const booked = await owner.query(sql(bookedBalances));
    expect(booked).toHaveLength(8);
    expect(await store().balances()).toEqual(booked);
    while ((await store().fold(1_000)) > 0);
    expect(await owner.query(sql('SELECT FROM snapshots.unfolded'))).toEqual([]);
    expect(await store().balances()).toEqual(booked);
    expect(await owner.query(sql(daysBalances))).toEqual(booked);
  });

  it('are read without a look at the postings', async () => {
    await book(replica, entriesOf(30));
    const before = await store().balances();
    const role = new URL(database.serviceUrl).username;
    await owner.query(sql(`REVOKE SELECT ON ledger_postings, ledger_entries FROM ${role}`));
    expect(await store().balances()).toEqual(before);
    await store().fold(1_000);
    expect(await store().balances()).toEqual(before);
  });

  it('take as long to read after 20,000 entries as after 1,000', async () => {
    const ms: Record<string, { kept: number; 'added up': number }> = {};
    let booked = 0;
    for (const count of [1_000, 20_000]) {
      for (; booked < count; booked += 1_000) await book(replica, entriesOf(1_000));
      await store().fold(100_000);
      ms[`${count} entries`] = {
        kept: await medianMs(() => store().balances()),
        'added up': await medianMs(() => owner.query(sql(bookedBalances))),
      };
    }
    process.stdout.write(`ms to read the balances: ${JSON.stringify(ms)}\n`);
    expect(ms['20000 entries']?.kept).toBeLessThan(ms['20000 entries']?.['added up'] ?? 0);
  });

  it('know nothing of what was rolled back', async () => {
    const unbalanced = saleEntry({ orderId: randomUUID(), currency: 'USD', amount: 1 });
    unbalanced.postings = unbalanced.postings.map((posting, i) => ({ ...posting, amount: 1 + i }));
    await expect(book(replica, [unbalanced])).rejects.toThrow('does not balance');
    expect(await store().balances()).toEqual([]);
  });

  it.each([
    ['UPDATE snapshots.balances SET debit = 0', 'table balances'],
    ['DELETE FROM snapshots.unfolded', 'table unfolded'],
    [`INSERT INTO snapshots.days VALUES ('cash', 'USD', now(), 1, 0)`, 'table days'],
    ['TRUNCATE snapshots.balances', 'table balances'],
    ['SELECT snapshots.rebuild()', 'function rebuild'],
  ])('cannot be changed by the service: %s', async (text, what) => {
    await expect(replica.query(sql(text))).rejects.toThrow(`permission denied for ${what}`);
  });

  it('are rebuilt from the postings', async () => {
    await book(replica, entriesOf(9));
    expect(await store().fold(4)).toBe(4);
    const right = await store().balances();
    await owner.query(sql('UPDATE snapshots.balances SET debit = debit + 7'));
    await owner.query(sql('DELETE FROM snapshots.unfolded'));
    expect(await store().balances()).not.toEqual(right);
    await owner.query(sql('SELECT snapshots.rebuild()'));
    expect(await store().balances()).toEqual(right);
    expect(await owner.query(sql(daysBalances))).toEqual(right);
  });

  it.each([
    ['another one folds', () => replica, 'SELECT snapshots.fold(2)'],
    ['they are rebuilt', () => owner, 'SELECT snapshots.rebuild()'],
  ])('are not folded while %s, nor is that waited for', async (_, db, text) => {
    await book(replica, entriesOf(9));
    const other = new BalancesStore(replicas[1] ?? replica);
    await db().transaction(async (tx) => {
      await tx.query(sql(text));
      expect(await other.fold(2)).toBe(0);
    });
    await book(replica, entriesOf(9));
    expect(await other.fold(2)).toBe(2);
  });

  it('are folded from the oldest note on: none stays behind while new ones come', async () => {
    await book(replica, entriesOf(9));
    const notes = async () => owner.query(sql('SELECT id FROM snapshots.unfolded ORDER BY id'));
    const before = await notes();
    // A row that is changed goes behind the others in the table.
    await owner.query(
      sql(`UPDATE snapshots.unfolded SET debit = debit
           WHERE id = (SELECT min(id) FROM snapshots.unfolded)`),
    );
    expect(await store().fold(1)).toBe(1);
    expect(await notes()).toEqual(before.slice(1));
  });

  it('count once what is booked while they are rebuilt', async () => {
    await book(replica, entriesOf(9));
    await store().fold(1_000);
    let booking = Promise.resolve();
    await inTurn(
      owner,
      (tx) => tx.query(sql('SELECT FROM snapshots.balances FOR UPDATE')),
      () => owner.query(sql('SELECT snapshots.rebuild()')),
      async () => {
        booking = book(replica, entriesOf(5));
        await heldUp(owner, booking, 2);
      },
    );
    await booking;
    expect(await store().balances()).toEqual(await owner.query(sql(bookedBalances)));
  });

  it('refuse a posting with another time than its entry’s', async () => {
    const text = `
      WITH entry AS (
        INSERT INTO ledger_entries (transaction_id, order_id, kind, posting_count)
        VALUES (gen_random_uuid(), gen_random_uuid(), 'sale', 2) RETURNING transaction_id
      )
      INSERT INTO ledger_postings (transaction_id, number, account, side, currency, amount, booked_at)
      SELECT transaction_id, number, 'cash', side, 'USD', 1, now() - number * interval '1 day'
      FROM entry, (VALUES (1, 'debit'), (2, 'credit')) AS two (number, side)`;
    await expect(owner.query(sql(text))).rejects.toMatchObject({
      constraint: 'ledger_entry_complete',
    });
  });
});

it('financial folds its balances by itself', async () => {
  const service = await testService(FinancialModule, { BALANCES_FOLD_EVERY_MS: '100' });
  try {
    await service.db.transaction((tx) => new LedgerStore(service.db).book(tx, entriesOf(3)));
    await eventually(async () => {
      expect(await service.db.query(sql('SELECT FROM snapshots.balances'))).not.toEqual([]);
      expect(await service.db.query(sql('SELECT FROM snapshots.unfolded'))).toEqual([]);
    });
  } finally {
    await service.stop();
  }
});
