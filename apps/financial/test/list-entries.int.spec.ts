import { Db } from '@tradepost/database';
import type { Page } from '@tradepost/service';
import { createTestDatabase, testService, type TestService } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { type Entry, saleEntry, settlementEntry } from '../src/ledger/entries';
import { FinancialModule } from '../src/financial.module';
import { type BookedEntry, LedgerStore } from '../src/ledger/ledger.store';

describe('listing entries', () => {
  let service: TestService;
  const entries = Array.from({ length: 4 }, () => {
    const money = { orderId: randomUUID(), currency: 'USD', amount: 500 } as const;
    return [saleEntry(money), settlementEntry(money)];
  }).flat();

  beforeAll(async () => {
    service = await testService(FinancialModule);
    await book(entries);
  });
  afterAll(async () => service.stop());

  async function book(some: Entry[]): Promise<void> {
    const ledger = new LedgerStore(service.db);
    await service.db.transaction(async (tx) => ledger.book(tx, some));
  }

  async function page(query: string): Promise<Page<BookedEntry>> {
    const response = await fetch(`${service.url}/v1/ledger/entries?${query}`);
    return (await response.json()) as Page<BookedEntry>;
  }

  async function all(limit: number): Promise<BookedEntry[]> {
    const seen: BookedEntry[] = [];
    let query = `limit=${limit}`;
    for (let more = true; more;) {
      const { items, nextCursor } = await page(query);
      expect(items.length).toBeLessThanOrEqual(limit);
      seen.push(...items);
      query = `limit=${limit}&cursor=${String(nextCursor)}`;
      more = nextCursor !== null;
    }
    return seen;
  }

  it('gives every entry once with its postings, those of an order together', async () => {
    const seen = await all(3);
    const keyOf = ({ orderId, kind }: Entry) => `${orderId} ${kind}`;
    const sorted = [...entries].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    expect(seen).toEqual(
      sorted.map((entry) => ({ ...entry, bookedAt: expect.any(String) as string })),
    );
    const orderId = entries[0]?.orderId ?? '';
    const own = await page(`orderId=${orderId}`);
    expect(own.nextCursor).toBeNull();
    const byKind = (a: Entry, b: Entry) => (a.kind < b.kind ? -1 : 1);
    expect(own.items.sort(byKind)).toEqual(seen.filter((entry) => entry.orderId === orderId));
  });

  it('gives 1,000 at a time', async () => {
    const more = Array.from({ length: 1_001 }, () =>
      saleEntry({ orderId: randomUUID(), currency: 'JPY', amount: 1 }),
    );
    await book(more);
    expect((await page('limit=1000')).items).toHaveLength(1_000);
  });

  it('loses none between two pages though an order has two of a kind', async () => {
    const database = await createTestDatabase('financial');
    const db = new Db({ url: database.url });
    const ledger = new LedgerStore(db);
    const money = { orderId: randomUUID(), currency: 'USD', amount: 500 } as const;
    const one = saleEntry(money);
    try {
      await db.transaction(async (tx) => ledger.book(tx, [one]));
      const texts = [
        'ALTER TABLE ledger_entries DROP CONSTRAINT ledger_entries_order_id_kind_key',
        'ALTER TABLE ledger_postings DISABLE TRIGGER USER',
        'ALTER TABLE ledger_entries DISABLE TRIGGER USER',
        `INSERT INTO ledger_entries (transaction_id, order_id, kind, posting_count)
         SELECT gen_random_uuid(), order_id, kind, 2 FROM ledger_entries`,
        `INSERT INTO ledger_postings (transaction_id, number, account, side, currency, amount)
         SELECT e.transaction_id, number, account, side, currency, amount
         FROM ledger_entries e, ledger_postings p WHERE e.transaction_id <> p.transaction_id`,
      ];
      for (const [i, text] of texts.entries()) await db.query({ name: `test-${i}`, text });
      const [first] = await ledger.page(undefined, 1);
      const second = await ledger.page(first, 2);
      expect(second).toHaveLength(1);
      const both = [first, ...second].map((entry) => entry?.postings);
      expect(both).toEqual([one.postings, one.postings]);
    } finally {
      await db.close();
      await database.drop();
    }
  });
});
