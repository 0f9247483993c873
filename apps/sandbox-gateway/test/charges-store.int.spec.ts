import { Db } from '@tradepost/database';
import { createTestDatabase, type TestDatabase } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { ChargesStore } from '../src/charges/charges.store';
import { listCharges } from '../src/charges/list-charges';

describe("the sandbox gateway's charges", () => {
  let database: TestDatabase;
  let db: Db;
  let charges: ChargesStore;

  beforeAll(async () => {
    database = await createTestDatabase('sandbox-gateway');
    db = new Db({ url: database.serviceUrl });
    charges = new ChargesStore(db);
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
    const { items } = await listCharges(charges, { limit: 1_000 });
    return items.find((item) => item.paymentId === paymentId);
  }

  it('move the money once, of many calls at the same time', async () => {
    const charge = asked();
    const calls = Array.from({ length: 20 }, async () => charges.charge(charge, approved));
    const numbers = (await Promise.all(calls)).map((one) => one.calls).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    await Promise.all(Array.from({ length: 20 }, () => charges.refund(charge)));
    expect(await recordOf(charge.paymentId)).toEqual({
      ...charge,
      outcome: 'approved',
      captures: 1,
      refunds: 1,
      calls: 20,
      createdAt: expect.any(Date),
    });
  });

  it('keep the decision of the first call', async () => {
    const charge = asked();
    await charges.charge(charge, declined);
    const second = await charges.charge(charge, approved);
    expect(second).toMatchObject({ outcome: 'declined', reason: 'card_declined', calls: 2 });
    expect(await charges.refund(charge)).toBe('nothing_taken');
    const record = { reason: 'card_declined', captures: 0, refunds: 0 };
    expect(await recordOf(charge.paymentId)).toMatchObject(record);
  });

  it('are each their own, of calls at the same time', async () => {
    const [first, second, third] = [asked(), asked(), asked()];
    const results = await Promise.allSettled([
      charges.charge(first, approved),
      charges.charge({ ...first, amount: 1 }, declined),
      charges.charge(second, declined),
      charges.charge(third, pending),
      charges.charge(second, approved),
    ]);
    const mismatch = { name: 'ChargeMismatch', known: { currency: 'USD', amount: 4_990 } };
    expect(results).toMatchObject([
      { value: { outcome: 'approved', calls: 1 } },
      { reason: mismatch },
      { value: { outcome: 'declined', reason: 'card_declined', calls: 1 } },
      { value: { outcome: 'pending', reason: null, calls: 1 } },
      { value: { outcome: 'declined', calls: 2 } },
    ]);
    expect(await recordOf(first.paymentId)).toMatchObject({ captures: 1, calls: 2 });
    expect(await recordOf(second.paymentId)).toMatchObject({ captures: 0, calls: 2 });
    expect(await recordOf(third.paymentId)).toMatchObject({ captures: 0, calls: 1 });
  });

  it('decline a charge that was refunded before it came', async () => {
    const charge = asked();
    expect(await charges.refund(charge)).toBe('nothing_taken');
    const voided = await charges.charge(charge, approved);
    expect(voided).toMatchObject({ outcome: 'declined', reason: 'voided', refunded: true });
    expect(await recordOf(charge.paymentId)).toMatchObject({ captures: 0, refunds: 0, calls: 1 });
  });

  it('decline a charge that is refunded while it is pending', async () => {
    const charge = asked();
    expect(await charges.charge(charge, pending)).toMatchObject({ outcome: 'pending' });
    expect(await charges.find(charge.paymentId)).toMatchObject({
      outcome: 'pending',
      refunded: false,
    });
    expect(await charges.refund(charge)).toBe('nothing_taken');
    const found = await charges.find(charge.paymentId);
    expect(found).toMatchObject({ outcome: 'declined', reason: 'voided', refunded: true });
    expect(await recordOf(charge.paymentId)).toMatchObject({ captures: 0, refunds: 0 });
  });

  it.each([
    ['another amount', { amount: 1 }],
    ['another currency', { currency: 'EUR' }],
  ])('take nothing, and give nothing back, for %s', async (_, other) => {
    const charge = asked();
    await charges.charge(charge, approved);
    const mismatch = { name: 'ChargeMismatch', known: { currency: 'USD', amount: 4_990 } };
    await expect(charges.charge({ ...charge, ...other }, approved)).rejects.toMatchObject(mismatch);
    await expect(charges.refund({ ...charge, ...other })).rejects.toMatchObject(mismatch);
    const record = { captures: 1, refunds: 0, currency: 'USD', amount: 4_990 };
    expect(await recordOf(charge.paymentId)).toMatchObject(record);
    expect(await charges.find(charge.paymentId)).toMatchObject({ refunded: false });
  });

  it('know nothing of a charge that was never made', async () => {
    expect(await charges.find(randomUUID())).toBeUndefined();
  });

  it('are read in pages, each charge once', async () => {
    const all = Array.from({ length: 7 }, asked);
    for (const charge of all) await charges.charge(charge, approved);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listCharges(charges, { cursor, limit: 3 });
      expect(page.items.length).toBeLessThanOrEqual(3);
      seen.push(...page.items.map(({ paymentId }) => paymentId));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining(all.map(({ paymentId }) => paymentId)));
    await expect(listCharges(charges, { cursor: 'nonsense', limit: 3 })).rejects.toThrow('/cursor');
  });

  it('are append-only where money moved', async () => {
    await charges.charge(asked(), approved);
    const change = (text: string) => db.query({ name: text.slice(0, 20), text });
    await expect(change('DELETE FROM sandbox_movements')).rejects.toThrow('append-only');
    await expect(change('UPDATE sandbox_movements SET amount = 1')).rejects.toThrow('append-only');
  });
});
