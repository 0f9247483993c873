import { testService, type TestService } from '@tradepost/test-kit';
import { OrdersModule } from '../src/orders.module';
import type { Order } from '../src/order/order-details';
import { mug, OrdersApi } from './orders-api';

describe('listing orders', () => {
  let service: TestService;
  let api: OrdersApi;
  const placed: Order[] = [];

  beforeAll(async () => {
    service = await testService(OrdersModule);
    api = new OrdersApi(service.url);
    for (let n = 0; n < 7; n += 1) {
      const { timeline: _, ...order } = await api.place({ ...mug, customerId: `c${n % 2}` });
      placed.unshift(order);
    }
  });
  afterAll(async () => service.stop());

  it('gives every order once, newest first, though orders are placed between the pages', async () => {
    const seen: Order[] = [];
    let query = 'limit=3';
    for (let pages = 1; ; pages += 1) {
      const { items, nextCursor } = await api.page(query);
      seen.push(...items);
      if (nextCursor === null) {
        expect(pages).toBe(3);
        break;
      }
      await api.place({ ...mug, customerId: 'late' });
      query = `limit=3&cursor=${nextCursor}`;
    }
    expect(seen).toEqual(placed);
  });

  it('filters by customer, page by page', async () => {
    const first = await api.page('customerId=c1&limit=2');
    const second = await api.page(`customerId=c1&limit=2&cursor=${String(first.nextCursor)}`);
    const wanted = placed.filter(({ customerId }) => customerId === 'c1');
    expect([...first.items, ...second.items]).toEqual(wanted);
    expect(second.nextCursor).toBeNull();
  });

  it('filters by status, alone and with the customer', async () => {
    const id = placed[0]?.id ?? '';
    const text = `UPDATE orders SET status = 'rejected' WHERE id = '${id}'`;
    await service.db.query({ name: 'test-reject', text });
    expect((await api.page('status=rejected')).items.map((order) => order.id)).toEqual([id]);
    expect((await api.page('status=rejected&customerId=c0')).items).toHaveLength(1);
    expect((await api.page('status=rejected&customerId=c1')).items).toEqual([]);
    expect((await api.page('status=completed')).items).toEqual([]);
  });

  it('gives 20 without a limit, and at most 100', async () => {
    await Promise.all(
      Array.from({ length: 25 }, async () => api.place({ ...mug, customerId: 'many' })),
    );
    expect((await api.page('customerId=many')).items).toHaveLength(20);
    expect((await api.page('customerId=many&limit=100')).items).toHaveLength(25);
  });

  it('gives whole orders when their timelines are included', async () => {
    const customer = { ...mug, customerId: 'whole' };
    const [first, second] = [await api.place(customer), await api.place(customer)];
    await api.cancel(first.id);
    const whole = [await api.order(second.id), await api.order(first.id)];
    expect(whole[1]?.timeline.map(({ state }) => state)).toContain('cancelled');

    const query = 'customerId=whole&include=timeline';
    expect((await api.page(query)).items).toEqual(whole);
    const page = await api.page(`${query}&limit=1`);
    const next = await api.page(`${query}&limit=1&cursor=${String(page.nextCursor)}`);
    expect([...page.items, ...next.items]).toEqual(whole);
    expect((await api.page('customerId=whole')).items[0]).not.toHaveProperty('timeline');
  });

  it('gives 1,000 of those at a time', async () => {
    const copy = `
      WITH copies AS (
        INSERT INTO orders (id, customer_id, currency, total, items, status, created_at)
        SELECT gen_random_uuid(), 'bulk', 'USD', 1, '[]', 'pending', now()
          FROM generate_series(1, 1001)
        RETURNING id
      )
      INSERT INTO order_timeline (order_id, step, state, at, cause)
      SELECT id, 1, 'pending', now(), 'order-placed' FROM copies`;
    await service.db.query({ name: 'test-copy', text: copy });
    const { items, nextCursor } = await api.page('customerId=bulk&include=timeline&limit=1000');
    expect(items).toHaveLength(1_000);
    const rest = `customerId=bulk&include=timeline&limit=1000&cursor=${String(nextCursor)}`;
    expect((await api.page(rest)).items).toHaveLength(1);
  });
});
