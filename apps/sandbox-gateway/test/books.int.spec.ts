import { Db, migrate } from '@tradepost/database';
import { createTestDatabase, type TestDatabase } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { SandboxBooks } from '../src/charges/books.store';
import { listCharges } from '../src/charges/list-charges';

describe("the sandbox gateway's books", () => {
  let database: TestDatabase;
  let db: Db;
  let books: SandboxBooks;

  beforeAll(async () => {
    database = await createTestDatabase('payments');
    db = new Db({ url: database.serviceUrl });
    books = new SandboxBooks(db);
  });

  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  const asked = () => ({ paymentId: randomUUID(), currency: 'USD', amount: 4_990 });
  const approved = { outcome: 'approved' } as const;
  const declined = { outcome: 'declined', reason: 'card_declined' } as const;
  const pending = { outcome: 'pending', settlesAs: 'approved', settlesInMs: 60_000 } as const;

  async function recordOf(paymentId: string) {
    const { items } = await listCharges(books, { limit: 1_000 });
    return items.find((item) => item.paymentId === paymentId);
  }

  it('move the money once, of many calls at the same time', async () => {
    const charge = asked();
    await Promise.all(Array.from({ length: 20 }, () => books.charge(charge, approved)));
    await Promise.all(Array.from({ length: 20 }, () => books.refund(charge)));
    expect(await recordOf(charge.paymentId)).toEqual({
      ...charge,
      outcome: 'approved',
      captures: 1,
      refunds: 1,
      calls: 20,
      createdAt: expect.any(Date),
    });
  });

  it('keep the verdict of the first call', async () => {
    const charge = asked();
    await books.charge(charge, declined);
    const second = await books.charge(charge, approved);
    expect(second).toMatchObject({ outcome: 'declined', reason: 'card_declined', calls: 2 });
    expect(await books.refund(charge)).toBe('nothing_taken');
    const record = { reason: 'card_declined', captures: 0, refunds: 0 };
    expect(await recordOf(charge.paymentId)).toMatchObject(record);
  });

  it('decline a charge that was refunded before it came', async () => {
    const charge = asked();
    expect(await books.refund(charge)).toBe('nothing_taken');
    const answer = await books.charge(charge, approved);
    expect(answer).toMatchObject({ outcome: 'declined', reason: 'voided', refunded: true });
    expect(await recordOf(charge.paymentId)).toMatchObject({ captures: 0, refunds: 0, calls: 1 });
  });

  it('decline a charge that is refunded while it is pending', async () => {
    const charge = asked();
    expect(await books.charge(charge, pending)).toMatchObject({ outcome: 'pending' });
    expect(await books.find(charge.paymentId)).toMatchObject({
      outcome: 'pending',
      refunded: false,
    });
    expect(await books.refund(charge)).toBe('nothing_taken');
    const found = await books.find(charge.paymentId);
    expect(found).toMatchObject({ outcome: 'declined', reason: 'voided', refunded: true });
    expect(await recordOf(charge.paymentId)).toMatchObject({ captures: 0, refunds: 0 });
  });

  it.each([
    ['another amount', { amount: 1 }],
    ['another currency', { currency: 'EUR' }],
  ])('take nothing, and give nothing back, for %s', async (_, other) => {
    const charge = asked();
    await books.charge(charge, approved);
    const mismatch = { name: 'ChargeMismatch', known: { currency: 'USD', amount: 4_990 } };
    await expect(books.charge({ ...charge, ...other }, approved)).rejects.toMatchObject(mismatch);
    await expect(books.refund({ ...charge, ...other })).rejects.toMatchObject(mismatch);
    const record = { captures: 1, refunds: 0, currency: 'USD', amount: 4_990 };
    expect(await recordOf(charge.paymentId)).toMatchObject(record);
    expect(await books.find(charge.paymentId)).toMatchObject({ refunded: false });
  });

  it('know nothing of a charge that nobody asked for', async () => {
    expect(await books.find(randomUUID())).toBeUndefined();
  });

  it('are read in pages, each charge once', async () => {
    const charges = Array.from({ length: 7 }, asked);
    for (const charge of charges) await books.charge(charge, approved);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listCharges(books, { cursor, limit: 3 });
      expect(page.items.length).toBeLessThanOrEqual(3);
      seen.push(...page.items.map(({ paymentId }) => paymentId));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining(charges.map(({ paymentId }) => paymentId)));
    await expect(listCharges(books, { cursor: 'nonsense', limit: 3 })).rejects.toThrow('/cursor');
  });

  it('are append-only where money moved', async () => {
    await books.charge(asked(), approved);
    const change = (text: string) => db.query({ name: text.slice(0, 20), text });
    await expect(change('DELETE FROM sandbox_movements')).rejects.toThrow('append-only');
    await expect(change('UPDATE sandbox_movements SET amount = 1')).rejects.toThrow('append-only');
  });
});

describe('the books of a shop that ran before there were movements', () => {
  it('keep every charge, and know what moved', async () => {
    const database = await createTestDatabase();
    const folders = ['apps/payments/migrations', 'apps/sandbox-gateway/migrations/books'];
    const [before, after] = folders.map((folder) => `${__dirname}/../../../${folder}`) as [
      string,
      string,
    ];
    await migrate({ url: database.url, folders: [before] });
    const db = new Db({ url: database.url });
    try {
      const text = `
        INSERT INTO sandbox_charges (payment_id, currency, amount, outcome, calls, refunded_at)
        VALUES (gen_random_uuid(), 'USD', 1, 'approved', 1, NULL),
          (gen_random_uuid(), 'USD', 2, 'approved', 3, now()),
          (gen_random_uuid(), 'USD', 3, 'declined', 1, NULL),
          (gen_random_uuid(), 'USD', 4, 'declined', 0, now())`;
      await db.query({ name: 'test-old-charges', text });
      await migrate({ url: database.url, folders: [after] });
      const { items } = await listCharges(new SandboxBooks(db), { limit: 10 });
      const figures = items
        .sort((a, b) => a.amount - b.amount)
        .map(({ captures, refunds, reason, calls }) => ({ captures, refunds, reason, calls }));
      expect(figures).toEqual([
        { captures: 1, refunds: 0, reason: undefined, calls: 1 },
        { captures: 1, refunds: 1, reason: undefined, calls: 3 },
        { captures: 0, refunds: 0, reason: 'card_declined', calls: 1 },
        { captures: 0, refunds: 0, reason: 'voided', calls: 0 },
      ]);
    } finally {
      await db.close();
      await database.drop();
    }
  });
});
