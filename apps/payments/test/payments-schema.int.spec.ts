import { Db } from '@tradepost/database';
import { createTestDatabase, type TestDatabase } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';

type Row = Record<string, unknown>;
const [notNull, foreignKey, unique, check] = ['23502', '23503', '23505', '23514'];

describe('payments as the database keeps them', () => {
  let database: TestDatabase;
  let db: Db;
  const now = new Date().toISOString();
  const payment = {
    ...{ id: randomUUID(), order_id: randomUUID(), currency: 'USD', amount: 0 },
    ...{ status: 'pending', attempts: 0, created_at: now, updated_at: now, checked_at: now },
  };
  const attempt = {
    ...{ payment_id: payment.id, number: 1, operation: 'charge', outcome: 'approved' },
    ...{ worker: 'worker-1', at: now },
  };
  const cancellation = { order_id: randomUUID(), reason: 'changed my mind', cancelled_at: now };

  beforeAll(async () => {
    database = await createTestDatabase('payments');
    db = new Db({ url: database.url });
    await insert('payments', payment);
    await insert('payment_attempts', attempt);
    await insert('cancelled_orders', cancellation);
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  async function insert(table: string, row: Row): Promise<void> {
    const text = `INSERT INTO ${table} SELECT * FROM jsonb_populate_record(NULL::${table}, $1)`;
    await db.query({ name: `test-${table}`, text }, [JSON.stringify(row)]);
  }

  const fresh = () => ({ id: randomUUID(), order_id: randomUUID() });

  it('want every column but the token, the reason and the time of a check', async () => {
    const wanted = Object.keys(payment).filter((column) => column !== 'checked_at');
    for (const column of wanted) {
      const row = { ...payment, ...fresh(), [column]: null };
      await expect(insert('payments', row)).rejects.toMatchObject({ code: notNull, column });
    }
    for (const column of Object.keys(attempt)) {
      const row = { ...attempt, number: 2, [column]: null };
      await expect(insert('payment_attempts', row)).rejects.toMatchObject({
        code: notNull,
        column,
      });
    }
    for (const column of Object.keys(cancellation)) {
      const row = { ...cancellation, order_id: randomUUID(), [column]: null };
      await expect(insert('cancelled_orders', row)).rejects.toMatchObject({
        code: notNull,
        column,
      });
    }
  });

  it.each<Row>([
    { currency: 'usd' },
    { currency: 'USDT' },
    { amount: -1 },
    { status: 'lost' },
    { status: 'captured' },
    { status: 'declined' },
    { status: 'refunded' },
  ])('refuse an unsettled payment with %j', async (change) => {
    const row = { ...payment, ...fresh(), ...change };
    await expect(insert('payments', row)).rejects.toMatchObject({ code: check });
  });

  it.each<Row>([{ operation: 'gift' }, { outcome: 'lost' }])(
    'refuse a call to the gateway with %j',
    async (change) => {
      const row = { ...attempt, number: 2, ...change };
      await expect(insert('payment_attempts', row)).rejects.toMatchObject({ code: check });
    },
  );

  it('are one an order, and their calls are numbered', async () => {
    const again = { ...payment, id: randomUUID() };
    await expect(insert('payments', again)).rejects.toMatchObject({ code: unique });
    await expect(insert('payment_attempts', attempt)).rejects.toMatchObject({ code: unique });
    const unknown = { ...attempt, payment_id: randomUUID() };
    await expect(insert('payment_attempts', unknown)).rejects.toMatchObject({ code: foreignKey });
  });

  it('take a settled payment that is not to be checked', async () => {
    for (const status of ['captured', 'declined', 'refunded']) {
      await insert('payments', { ...payment, ...fresh(), status, checked_at: null });
    }
  });
});
