import { createTestDatabase, testService, type TestService, openToAll } from '@tradepost/test-kit';
import { createService, type ProblemDetails } from '@tradepost/service';
import { Db } from '@tradepost/database';
import { OrdersModule } from '../src/orders.module';
import { mug, OrdersApi } from './orders-api';

describe('placing an order', () => {
  let service: TestService;
  let api: OrdersApi;

  beforeAll(async () => {
    service = await testService(OrdersModule, { PRICES_TTL_MS: '0' });
    api = new OrdersApi(service.url);
  });
  afterAll(async () => service.stop());

  it('answers 201 with the order, pending, at the shop’s prices, with its location', async () => {
    const { status, headers, body } = await api.post({
      customerId: '1',
      currency: 'USD',
      items: [
        { sku: 'MUG-BLUE', quantity: 2 },
        { sku: 'TEA-ASSAM', quantity: 1 },
      ],
      expectedTotal: 3_490,
      paymentToken: 'tok_approve',
    });
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/v1/orders/${body.id}`);
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect(headers.has('idempotent-replayed')).toBe(false);
    expect(body).toEqual({
      id: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-/),
      status: 'pending',
      customerId: '1',
      customerName: null,
      currency: 'USD',
      total: 3_490,
      items: [
        { sku: 'MUG-BLUE', name: 'Stoneware mug, blue', quantity: 2, unitPrice: 1_250 },
        { sku: 'TEA-ASSAM', name: 'Assam black tea, 250 g', quantity: 1, unitPrice: 990 },
      ],
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      timeline: [{ state: 'pending', at: body.createdAt, cause: 'order-placed' }],
    });
    expect(await api.order(body.id)).toEqual(body);
  });

  it('prices in a currency without a decimal point', async () => {
    const items = [{ sku: 'TEAPOT-IRON', quantity: 2 }];
    const order = await api.place({ customerId: '1', currency: 'JPY', items });
    expect(order).toMatchObject({ currency: 'JPY', total: 19_600 });
  });

  it('never shows the payment token', async () => {
    const { text } = await api.post({ ...mug, paymentToken: 'tok_decline' });
    expect(text).not.toContain('tok_decline');
    const listed = await api.get('/v1/orders');
    expect(listed.text).not.toContain('tok_decline');
  });

  it('shares a commit with others at the same time, of which a refused one fails alone', async () => {
    const items = (n: number) => [{ sku: n % 10 === 0 ? 'NONE' : 'MUG-BLUE', quantity: 1 + n }];
    const answers = await Promise.all(
      Array.from({ length: 40 }, async (_, n) => api.post({ ...mug, items: items(n) })),
    );
    for (const [n, { status, body }] of answers.entries()) {
      expect([n, status]).toEqual([n, n % 10 === 0 ? 422 : 201]);
      if (status === 201) expect(body.items[0]?.quantity).toBe(1 + n);
    }
    const ids = answers.flatMap(({ status, body }) => (status === 201 ? body.id : []));
    const text = 'SELECT xmin, count(*)::int FROM orders WHERE id = ANY($1) GROUP BY xmin';
    const commits = await service.db.query({ name: 'test-commits', text }, [ids]);
    expect(commits.length).toBeLessThan(ids.length);
  });

  it('sees a price that has changed when the kept one has expired', async () => {
    await api.place({ ...mug, items: [{ sku: 'MUG-WHITE', quantity: 1 }] });
    const text = `UPDATE prices SET unit_price = 1300 WHERE sku = 'MUG-WHITE' AND currency = 'USD'`;
    await service.db.query({ name: 'test-change-price', text });
    const { status, body } = await api.post<ProblemDetails>({
      ...mug,
      items: [{ sku: 'MUG-WHITE', quantity: 1 }],
      expectedTotal: 1_150,
    });
    expect(status).toBe(422);
    expect(body).toMatchObject({
      type: 'https://tradepost.dev/problems/price-changed',
      errors: [{ pointer: '/expectedTotal', detail: 'is 1300 now' }],
    });
  });

  it('lists at least twelve products, in currencies with and without a decimal point', async () => {
    type Listed = { items: { sku: string; prices: Record<string, number> }[]; nextCursor: unknown };
    const first = await api.get<Listed>('/v1/products?limit=10');
    const rest = await api.get<Listed>(
      `/v1/products?limit=10&cursor=${String(first.body.nextCursor)}`,
    );
    const products = [...first.body.items, ...rest.body.items];
    const skus = products.map(({ sku }) => sku);
    expect(rest.body.nextCursor).toBeNull();
    expect(new Set(skus).size).toBe(18);
    expect(skus).toEqual(expect.arrayContaining(['MUG-BLUE', 'TEST-DECLINE', 'TEST-TIMEOUT']));
    const currencies = new Set(products.flatMap(({ prices }) => Object.keys(prices)));
    expect([...currencies].sort()).toEqual(['EUR', 'JPY', 'KWD', 'USD']);
  });

  it('answers 404 for an order that does not exist, and for an id that is none', async () => {
    for (const id of ['01890000-0000-7000-8000-000000000000', 'nonsense', '%00', '1 OR 1=1']) {
      const { status, body } = await api.problem(`/v1/orders/${encodeURIComponent(id)}`);
      expect([status, body.type]).toEqual([404, 'https://tradepost.dev/problems/order-not-found']);
    }
  });
});

describe('placing an order while RabbitMQ is down', () => {
  it('answers 201 and keeps each message, in its trace, until the broker is there', async () => {
    const database = await createTestDatabase('orders');
    const app = await createService(OrdersModule, {
      ...openToAll,
      POSTGRES_URL: database.url,
      AMQP_URL: 'amqp://guest:guest@127.0.0.1:1',
      LOG_LEVEL: 'critical',
    });
    try {
      await app.listen(0, '127.0.0.1');
      const api = new OrdersApi(await app.getUrl());
      const traceIds = ['a', 'b', 'c'].map((digit) => digit.repeat(32));
      const answers = [];
      // One after the other: those of one commit share a row.
      for (const id of traceIds) {
        answers.push(await api.post(mug, { traceparent: `00-${id}-${'1'.repeat(16)}-01` }));
      }
      const text = `SELECT type, routing_key, body, split_part(traceparent, '-', 2) AS trace
                      FROM outbox ORDER BY trace`;
      const rows = await app.get(Db).query({ name: 'test-read-outbox', text });
      expect(rows).toEqual(
        answers.map(({ body }, index) => ({
          type: 'ConfirmOrder',
          routing_key: 'orders.confirm-order',
          body: JSON.stringify({ orderId: body.id, customerId: '1' }),
          trace: traceIds[index],
        })),
      );
    } finally {
      await app.close();
      await database.drop();
    }
  });
});
