import type { ProblemDetails } from '@tradepost/service';
import { testService, type TestService } from '@tradepost/test-kit';
import { OrdersModule } from '../src/orders.module';
import { mug, OrdersApi } from './orders-api';
import { sendTwice } from './send-twice';

describe('an Idempotency-Key', () => {
  let service: TestService;
  let api: OrdersApi;

  beforeAll(async () => {
    service = await testService(OrdersModule, { PRICES_TTL_MS: '0' });
    api = new OrdersApi(service.url);
  });
  afterAll(async () => service.stop());

  const withKey = (key: string) => ({ 'idempotency-key': key });
  const ordersOf = async (customerId: string) =>
    (await api.page(`customerId=${customerId}&limit=100`)).items;
  let statements = 0;
  const sql = async (text: string) => service.db.query({ name: `test-${(statements += 1)}`, text });

  it('gives the same request the same answer, byte by byte', async () => {
    const first = await api.post({ ...mug, customerId: 'replay' }, withKey('replay'));
    const { items, currency } = mug;
    const reordered = { items, customerId: 'replay', currency };
    const second = await api.post(reordered, withKey('replay'));

    expect(first.headers.has('idempotent-replayed')).toBe(false);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(second.headers.get('content-type')).toBe(first.headers.get('content-type'));
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
    expect([second.status, second.text]).toEqual([201, first.text]);
    expect(await ordersOf('replay')).toHaveLength(1);
  });

  it('refuses another request', async () => {
    await api.post({ ...mug, customerId: 'reuse' }, withKey('reuse'));
    const other = { ...mug, customerId: 'reuse', currency: 'EUR' };
    const { status, body } = await api.post<ProblemDetails>(other, withKey('reuse'));
    expect(status).toBe(422);
    expect(body.type).toBe('https://tradepost.dev/problems/idempotency-key-reused');
    expect(await ordersOf('reuse')).toHaveLength(1);
  });

  it('makes one order of 50 requests at the same time', async () => {
    const order = { ...mug, customerId: 'parallel' };
    const answers = await Promise.all(
      Array.from({ length: 50 }, async () => api.post(order, withKey('parallel'))),
    );
    const fresh = answers.filter(
      ({ status, headers }) => status === 201 && !headers.has('idempotent-replayed'),
    );
    expect(fresh).toHaveLength(1);
    for (const { status, text, headers } of answers) {
      // 503: on a slow machine, no connection was free in time.
      if (status === 503) continue;
      if (status === 201) expect(text).toBe(fresh[0]?.text);
      else expect([status, headers.get('retry-after')]).toEqual([409, '1']);
    }
    expect(await ordersOf('parallel')).toHaveLength(1);
  });

  it('is the same in quotes as without, and however the body is written', async () => {
    const first = await api.post({ ...mug, customerId: 'quoted' }, withKey('"quo-ted"'));
    const body = `{ "items" : [ { "quantity" : 2.0e0 , "sku" : "MUG-\\u0042LUE" } ] ,
      "currency" : "USD" , "customerId" : "quoted" }`;
    const second = await api.post(body, withKey('quo-ted'));
    expect([second.status, second.text]).toEqual([201, first.text]);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
  });

  it('is refused when it is there twice', async () => {
    const { status, body } = await sendTwice(service.url, mug, ['twice', 'twice']);
    expect([status, JSON.parse(body)]).toMatchObject([
      400,
      { errors: [{ pointer: '/Idempotency-Key', detail: 'must be there once' }] },
    ]);
  });

  it('does not remember a refused request: corrected, it is taken', async () => {
    const wrong = { ...mug, customerId: 'corrected', expectedTotal: 1 };
    expect((await api.post(wrong, withKey('corrected'))).status).toBe(422);
    const right = { ...wrong, expectedTotal: 2_500 };
    expect((await api.post(right, withKey('corrected'))).status).toBe(201);
  });

  it('replays though the price has changed or the product is gone', async () => {
    const items = [{ sku: 'SCALE-KITCHEN', quantity: 1 }];
    const order = { customerId: 'stale', currency: 'USD', items, expectedTotal: 3_490 };
    const first = await api.post(order, withKey('stale'));
    await sql(`UPDATE prices SET unit_price = 9990 WHERE sku = 'SCALE-KITCHEN'`);
    expect((await api.post(order, withKey('stale'))).text).toBe(first.text);
    await sql(`DELETE FROM products WHERE sku = 'SCALE-KITCHEN'`);
    expect((await api.post(order, withKey('stale'))).text).toBe(first.text);
    expect((await api.post(order, withKey('stale-2'))).status).toBe(422);
  });
});
