import { Db } from '@tradepost/database';
import { createTestDatabase, inTurn, type TestDatabase } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import {
  type LockedOrder,
  type Move,
  newest,
  type NewOrder,
  OrdersStore,
} from '../src/order/orders.store';
import { PriceList } from '../src/order/price-list';
import { ProductsStore } from '../src/order/products.store';
import { TimelineStore } from '../src/order/timeline.store';
import { OrdersConfig } from '../src/orders.config';
import { withoutIndexes } from './without-indexes';

const at = '2026-11-26T10:00:00.000Z';

describe('what the stores of orders give', () => {
  let database: TestDatabase;
  let db: Db;
  let orders: OrdersStore;

  beforeAll(async () => {
    database = await createTestDatabase('orders');
    db = new Db({ url: withoutIndexes(database.url) });
    orders = new OrdersStore(db);
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  const run = async (text: string, values: unknown[] = []) =>
    db.query({ name: `test-${text.slice(0, 50)}`, text }, values);

  const orderOf = (customerId: string, id = uuidv7()): NewOrder => ({
    ...{ id, customerId, status: 'pending', customerName: null, currency: 'USD', total: 1_250 },
    items: [{ sku: 'MUG-BLUE', name: 'Mug', quantity: 1, unitPrice: 1_250 }],
    createdAt: at,
    timeline: [{ state: 'pending', at, cause: 'order-placed' }],
  });
  const insert = async (...placed: NewOrder[]) =>
    db.transaction(async (tx) => orders.insertEach(tx, placed));

  /** An order whose further steps are written last first. */
  async function steppedBackwards(): Promise<string> {
    const order = orderOf('steps');
    await insert(order);
    for (const step of [4, 3, 2]) {
      await run(`INSERT INTO order_timeline VALUES ($1, $2, 'paid', now(), $3)`, [
        order.id,
        step,
        `step ${step}`,
      ]);
    }
    return order.id;
  }

  it('an order’s steps come in their order, from one on, so many', async () => {
    const [id, other] = [await steppedBackwards(), await steppedBackwards()];
    const causes = ['order-placed', 'step 2', 'step 3', 'step 4'];
    const found = await orders.find(id);
    expect(found?.order.timeline.map(({ cause }) => cause)).toEqual(causes);
    expect(found?.paymentToken).toBeUndefined();
    const [listed] = await orders.list({ customerId: 'steps', include: 'timeline' }, newest, 1);
    expect(listed).toMatchObject({ id: other, timeline: causes.map((cause) => ({ cause })) });

    const timeline = new TimelineStore(db);
    const stepIds = (steps: { id: number }[]) => steps.map((step) => step.id);
    expect(stepIds(await timeline.steps(id, 1, 10))).toEqual([1, 2, 3, 4]);
    expect(stepIds(await timeline.steps(id, 2, 2))).toEqual([2, 3]);
    const next = await timeline.next(
      [
        { orderId: other, after: 2 },
        { orderId: randomUUID(), after: 0 },
        { orderId: id, after: 0 },
      ],
      2,
    );
    expect(next.map(stepIds)).toEqual([[3, 4], [], [1, 2]]);
  });

  it('orders come newest first, those before an id, so many', async () => {
    const [oldest, middle, latest] = [orderOf('list'), orderOf('list'), orderOf('list')];
    await insert(middle, latest, oldest);
    const list = async (before: string, limit: number) => {
      const page = await orders.list({ customerId: 'list' }, before, limit);
      return page.map(({ id }) => id);
    };
    expect(await list(newest, 2)).toEqual([latest.id, middle.id]);
    expect(await list(middle.id, 2)).toEqual([oldest.id]);
    const cancelled = await orders.list({ customerId: 'list', status: 'cancelled' }, newest, 2);
    expect(cancelled).toEqual([]);
  });

  it('only the orders that are asked for are read, locked and moved', async () => {
    const [one, two, other] = [orderOf('some'), orderOf('some'), orderOf('some')];
    await insert(one, two, other);
    const ids = [one.id, two.id];
    expect([...(await orders.findEach(ids)).keys()].sort()).toEqual(ids);
    await db.transaction(async (tx) => {
      const locked = await orders.lockEach(tx, ids);
      expect([...locked.keys()].sort()).toEqual(ids);
      const moves = ids.map((id, n): Move => {
        const status = n === 0 ? 'rejected' : 'cancelled';
        const order = { ...(locked.get(id) as LockedOrder), status, steps: 2 } as const;
        return { order, states: [status], cause: 'test', at };
      });
      await orders.moveEach(tx, moves);
    });
    const moved = await orders.list({ customerId: 'some' }, newest, 3);
    expect(moved.map(({ status }) => status)).toEqual(['pending', 'cancelled', 'rejected']);
    const steps = await new TimelineStore(db).steps(one.id, 1, 9);
    expect(steps.map(({ id, state }) => [id, state])).toEqual([
      [1, 'pending'],
      [2, 'rejected'],
    ]);
  });

  it('products come by their sku, those after one, so many, though one has no price', async () => {
    await run(`INSERT INTO products VALUES ('ZZ-2', 'Later'), ('ZZ-1', 'Unpriced')`);
    const products = new ProductsStore(db);
    const listed = await products.list('TEST', 3);
    expect(listed.map(({ sku }) => sku)).toEqual([
      'TEST-DECLINE',
      'TEST-TIMEOUT',
      'TEST-TIMEOUT-ONCE',
    ]);
    expect(await products.list('TEST-TIMEOUT-ONCE', 1)).toEqual([
      { sku: 'ZZ-1', name: 'Unpriced', prices: {} },
    ]);
    const found = await db.transaction(async (tx) => products.find(tx, ['MUG-BLUE', 'NONE']));
    expect(found).toEqual([
      {
        sku: 'MUG-BLUE',
        name: 'Stoneware mug, blue',
        prices: { USD: 1_250, EUR: 1_190, JPY: 1_800 },
      },
    ]);
  });

  it('the price list keeps a price for its time, of 10,000 products at most', async () => {
    const config = Object.assign(new OrdersConfig(), { PRICES_TTL_MS: 3_600_000 });
    const prices = new PriceList(new ProductsStore(db), config);
    const priceOf = async (...skus: string[]) => {
      const found = await db.transaction(async (tx) => prices.find(tx, skus));
      return found.get(skus[0] ?? '')?.prices.USD;
    };
    await run(
      `INSERT INTO products SELECT 'BULK-' || n, 'Bulk' FROM generate_series(1, 9999) AS n`,
    );
    const bulk = Array.from({ length: 9_999 }, (_, n) => `BULK-${n + 1}`);
    expect(await priceOf('MUG-WHITE', ...bulk)).toBe(1_150);
    await run(`UPDATE prices SET unit_price = 1300 WHERE sku = 'MUG-WHITE' AND currency = 'USD'`);
    expect(await priceOf('NONE')).toBeUndefined();
    expect(await priceOf('MUG-WHITE', 'NONE')).toBe(1_150);
    expect(await priceOf('TEA-ASSAM')).toBe(990);
    expect(await priceOf('MUG-WHITE')).toBe(1_300);
    expect(await priceOf('TEA-ASSAM')).toBe(990);
  });

  describe('overdue orders are taken', () => {
    beforeEach(async () => {
      await run(`UPDATE orders SET checked_at = 'infinity'`);
    });

    /** An order that was checked so often, and last so many deadlines ago. */
    async function waiting(deadlines: number, checks = 0, status = 'paid'): Promise<string> {
      const order = orderOf('overdue');
      await insert(order);
      const text = `UPDATE orders SET checks = $2, status = $3,
                      checked_at = now() - make_interval(secs => 100 * $4::float8) WHERE id = $1`;
      await run(text, [order.id, checks, status, deadlines]);
      return order.id;
    }
    const take = async (limit = 10) => orders.takeOverdue(100_000, limit);

    it('longest waiting first, so many', async () => {
      const [short, long] = [await waiting(2), await waiting(3)];
      expect(await take(1)).toEqual([{ id: long, checks: 1 }]);
      expect(await take()).toEqual([{ id: short, checks: 1 }]);
      expect(await take()).toEqual([]);
    });

    it('ever later, up to four deadlines', async () => {
      const early = [
        [0, 0.75],
        [1, 0.9],
        [2, 1.9],
        [3, 3.9],
        [9, 3.9],
      ] as const;
      for (const [checks, deadlines] of early) await waiting(deadlines, checks);
      expect(await take()).toEqual([]);
      for (const [checks, deadlines] of early) await waiting(deadlines + 0.4, checks);
      const taken = (await take()).map(({ checks }) => checks);
      expect(taken.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 10]);
    });

    it('unless they have come to an end', async () => {
      const ends = ['completed', 'rejected', 'payment_failed', 'cancelled'];
      for (const status of ends) await waiting(9, 0, status);
      expect(await take()).toEqual([]);
    });

    it('by one replica each, that waits for no other', async () => {
      const [held, free] = [await waiting(3), await waiting(2)];
      await db.transaction(async (tx) => {
        await orders.lockEach(tx, [held]);
        expect(await take()).toEqual([{ id: free, checks: 1 }]);
      });
      expect(await take()).toEqual([{ id: held, checks: 1 }]);
    });
  });

  it('locks are taken in one order: two with the same orders never wait in a ring', async () => {
    const [low, high] = [orderOf('ring'), orderOf('ring')];
    // In the table the higher one is first.
    await insert(high, low);
    let [firsts, seconds] = [0, 0];
    await inTurn(
      db,
      async (tx) => {
        firsts += 1;
        await orders.lockEach(tx, [low.id]);
      },
      async () =>
        db.transaction(async (tx) => {
          seconds += 1;
          await orders.lockEach(tx, [high.id, low.id]);
        }),
      async (tx) => orders.lockEach(tx, [high.id]),
    );
    // A deadlock would have had one of them run again.
    expect([firsts, seconds]).toEqual([1, 1]);
  });
});
