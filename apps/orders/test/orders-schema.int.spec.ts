import { Db } from '@tradepost/database';
import { createTestDatabase, type TestDatabase } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';

type Row = Record<string, unknown>;
const [notNull, foreignKey, unique, check] = ['23502', '23503', '23505', '23514'];

describe('orders as the database keeps them', () => {
  let database: TestDatabase;
  let db: Db;
  const now = new Date().toISOString();
  const rows = {
    orders: {
      ...{ id: randomUUID(), customer_id: '1', currency: 'USD', total: 1_250, items: [] },
      ...{ status: 'pending', booked: false, refunded: false, steps: 1 },
      ...{ created_at: now, checked_at: now, checks: 0 },
    },
    products: { sku: 'MUG', name: 'Mug' },
    prices: { sku: 'MUG', currency: 'USD', unit_price: 1_250 },
    webhook_endpoints: {
      ...{ id: randomUUID(), url: 'https://8.8.8.8/', events: ['order.paid'] },
      ...{ secret: 'whsec_AAAA', created_at: now },
    },
    webhook_deliveries: {
      ...{ id: randomUUID(), endpoint_id: randomUUID(), order_id: randomUUID() },
      ...{ type: 'order.paid', body: '{}', status: 'pending', attempts: 0, created_at: now },
    },
  };
  const step = { order_id: rows.orders.id, step: 1, state: 'pending', at: now, cause: 'placed' };
  const tables: Record<string, Row> = { ...rows, order_timeline: step };

  beforeAll(async () => {
    database = await createTestDatabase('orders');
    db = new Db({ url: database.url });
    for (const [table, row] of Object.entries(tables)) await insert(table, row);
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  async function insert(table: string, row: Row): Promise<void> {
    const text = `INSERT INTO ${table} SELECT * FROM jsonb_populate_record(NULL::${table}, $1)`;
    await db.query({ name: `test-${table}`, text }, [JSON.stringify(row)]);
  }

  /** Like the one that is there, with a key of its own. */
  const fresh = (table: string): Row => {
    if (table === 'order_timeline') return { ...step, step: 2 };
    if (table === 'prices') return { ...rows.prices, currency: 'EUR' };
    if (table === 'products') return { ...rows.products, sku: 'CUP' };
    return { ...tables[table], id: randomUUID() };
  };

  it.each(Object.keys(tables))(
    '%s want every column but those that are known later',
    async (table) => {
      for (const column of Object.keys(fresh(table))) {
        const row = { ...fresh(table), [column]: null };
        await expect(insert(table, row)).rejects.toMatchObject({ code: notNull, column });
      }
    },
  );

  it.each(Object.keys(tables))('%s have each key once', async (table) => {
    await expect(insert(table, tables[table] ?? {})).rejects.toMatchObject({ code: unique });
  });

  it.each<[table: string, change: Row]>([
    ['orders', { total: -1 }],
    ['orders', { total: 1_000_000_000_001 }],
    ['orders', { items: {} }],
    ['orders', { status: 'lost' }],
    ['products', { sku: 'A CUP' }],
    ['products', { name: '' }],
    ['prices', { currency: 'usd' }],
    ['prices', { unit_price: 0 }],
    ['prices', { unit_price: 1_000_000_000_001 }],
    ['webhook_endpoints', { url: '' }],
    ['webhook_endpoints', { events: [] }],
    ['webhook_endpoints', { disabled_at: now }],
    ['webhook_endpoints', { disabled_reason: 'answered 410' }],
    ['webhook_deliveries', { status: 'lost' }],
  ])('%s refuse %j', async (table, change) => {
    const row = { ...fresh(table), ...change };
    await expect(insert(table, row)).rejects.toMatchObject({ code: check });
  });

  it('a step is one of an order, and a price one of a product', async () => {
    for (const [table, key] of [
      ['order_timeline', { order_id: randomUUID() }],
      ['prices', { sku: 'NONE' }],
    ] as const) {
      const row = { ...fresh(table), ...key };
      await expect(insert(table, row)).rejects.toMatchObject({ code: foreignKey });
    }
  });
});
