import { Db } from '@tradepost/database';
import { createTestDatabase, type TestDatabase } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';

type Row = Record<string, unknown>;
const [notNull, unique, check] = ['23502', '23505', '23514'];

describe('the tables of the ledger', () => {
  let database: TestDatabase;
  let db: Db;
  const now = new Date().toISOString();
  const transaction_id = randomUUID();
  const tables: Record<string, Row> = {
    ledger_entries: {
      ...{ transaction_id, order_id: randomUUID(), kind: 'sale', posting_count: 2 },
      booked_at: now,
    },
    ledger_postings: {
      ...{ transaction_id, number: 1, account: 'cash', side: 'debit', currency: 'USD' },
      ...{ amount: 500, booked_at: now },
    },
    cancelled_orders: { order_id: randomUUID(), reason: 'changed my mind', cancelled_at: now },
    'snapshots.balances': { account: 'cash', currency: 'USD', debit: 1, credit: 0 },
    'snapshots.days': { account: 'cash', currency: 'USD', day: '2026-01-01', debit: 1, credit: 0 },
    'snapshots.unfolded': {
      ...{ id: 1_000, account: 'cash', currency: 'USD', day: '2026-01-01', debit: 1, credit: 0 },
    },
  };

  beforeAll(async () => {
    database = await createTestDatabase('financial');
    db = new Db({ url: database.url });
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  async function insert(table: string, change: Row): Promise<void> {
    const text = `INSERT INTO ${table} OVERRIDING SYSTEM VALUE
                  SELECT * FROM jsonb_populate_record(NULL::${table}, $1)`;
    const row = { ...tables[table], ...change };
    await db.query({ name: `test-${table}`, text }, [JSON.stringify(row)]);
  }

  it.each(Object.entries(tables))('want every column of %s', async (table, row) => {
    for (const column of Object.keys(row)) {
      const inserting = insert(table, { [column]: null });
      await expect(inserting).rejects.toMatchObject({ code: notNull, column });
    }
  });

  it.each(Object.keys(tables).filter((table) => !table.startsWith('ledger_')))(
    'keep one row of a key in %s',
    async (table) => {
      await insert(table, {});
      await expect(insert(table, {})).rejects.toMatchObject({ code: unique });
    },
  );

  it.each<[string, Row]>([
    ['ledger_entries', { kind: 'gift' }],
    ['ledger_entries', { posting_count: 1 }],
    ['ledger_postings', { number: 0 }],
    ['ledger_postings', { account: 'pocket' }],
    ['ledger_postings', { side: 'left' }],
    ['ledger_postings', { currency: 'usd' }],
    ['ledger_postings', { amount: -1 }],
  ])('refuse in %s %j', async (table, change) => {
    const [column] = Object.keys(change);
    const constraint = `${table}_${column}_check`;
    await expect(insert(table, change)).rejects.toMatchObject({ code: check, constraint });
  });

  it('take a sale of nothing', async () => {
    const { transaction_id: id, order_id: order } = tables.ledger_entries as Row;
    const text = `
      WITH entry AS (
        INSERT INTO ledger_entries (transaction_id, order_id, kind, posting_count)
        VALUES ($1, $2, 'sale', 2) RETURNING transaction_id
      )
      INSERT INTO ledger_postings (transaction_id, number, account, side, currency, amount)
      SELECT transaction_id, number, 'cash', (ARRAY['debit', 'credit'])[number], 'USD', 0
      FROM entry, generate_series(1, 2) AS number RETURNING number`;
    expect(await db.query({ name: 'test-nothing', text }, [id, order])).toHaveLength(2);
  });
});
