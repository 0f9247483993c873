import { Db } from '@tradepost/database';
import type { ProblemDetails } from '@tradepost/service';
import { testService, type TestService } from '@tradepost/test-kit';
import { ForgetAnswers } from '../src/idempotency/forget-answers';
import { IdempotencyStore } from '../src/idempotency/idempotency.store';
import { OrdersModule } from '../src/orders.module';
import type { OrderDetails } from '../src/order/order-details';
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

  it('belongs to its caller: another with the same key never meets it', async () => {
    const order = { ...mug, customerId: 'callers' };
    const as = (authorization: string) => ({ ...withKey('callers'), authorization });
    const [anna, ben] = [
      await api.post(order, as('Bearer a')),
      await api.post(order, as('Bearer b')),
    ];
    const nobody = await api.post(order, withKey('callers'));
    const other = await api.post({ ...order, currency: 'EUR' }, as('Bearer c'));
    const answers = [anna, ben, nobody, other];
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(4);
    expect((await api.post(order, as('Bearer a'))).text).toBe(anna.text);
    expect((await api.post(order, withKey('callers'))).text).toBe(nobody.text);
  });

  it('is refused when it is there twice', async () => {
    const { status, body } = await sendTwice(service.url, mug, ['twice', 'twice']);
    expect([status, JSON.parse(body)]).toMatchObject([
      400,
      { errors: [{ pointer: '/Idempotency-Key', detail: 'must be there once' }] },
    ]);
  });

  it('of the version before still has its answer, whoever the caller is', async () => {
    const order = { ...mug, customerId: 'before' };
    const first = await api.post(order, withKey('before'));
    await sql(`UPDATE idempotency_records SET status = NULL, headers = NULL WHERE key = 'before'`);
    for (const headers of [{}, { authorization: 'Bearer a' }] as Record<string, string>[]) {
      const again = await api.post(order, { ...withKey('before'), ...headers });
      expect([again.status, again.text]).toEqual([201, first.text]);
      for (const name of ['content-type', 'location']) {
        expect(again.headers.get(name)).toBe(first.headers.get(name));
      }
    }
    const other = { ...order, currency: 'EUR' };
    const taken = await api.post(other, { ...withKey('before'), authorization: 'Bearer a' });
    expect(taken.status).toBe(201);
    expect((await api.post(other, withKey('before'))).status).toBe(422);
  });

  // Word for word what the version before says to the database.
  it('can be claimed by a replica of the version before', async () => {
    const claim = `
      INSERT INTO idempotency_records (route, key, fingerprint, order_id, body)
      SELECT 'place-order', 'older', '\\x00'::bytea, gen_random_uuid(), '{}'
      ON CONFLICT (route, key) DO NOTHING RETURNING key`;
    expect(await sql(claim)).toHaveLength(1);
    expect(await sql(claim)).toHaveLength(0);
    await api.post(mug, withKey('newer'));
    const found = await sql(`SELECT fingerprint, order_id AS "orderId", body
                               FROM idempotency_records WHERE route = 'place-order' AND key = 'newer'`);
    expect(found).toMatchObject([{ orderId: expect.any(String), body: expect.any(String) }]);
  });

  it('answers 409 while the first request is running, and places the order when that failed', async () => {
    const order = { ...mug, customerId: 'running' };
    const never = new Error('rolled back on purpose');
    const running = service.app.get(Db).transaction(async (tx) => {
      const attempt = {
        route: 'place-order',
        scope: 'place-order',
        key: 'running',
        fingerprint: Buffer.alloc(32),
      } as const;
      const orderId = '01890000-0000-7000-8000-000000000000';
      const answer = { orderId, status: 201, headers: {}, body: '{}' };
      await service.app.get(IdempotencyStore).claim(tx, attempt, answer);

      const { status, headers, body } = await api.post<ProblemDetails>(order, withKey('running'));
      expect([status, headers.get('retry-after')]).toEqual([409, '1']);
      expect(body.type).toBe('https://tradepost.dev/problems/idempotency-key-in-use');
      throw never;
    });
    await expect(running).rejects.toBe(never);

    const { status, headers } = await api.post(order, withKey('running'));
    expect([status, headers.has('idempotent-replayed')]).toEqual([201, false]);
    expect(await ordersOf('running')).toHaveLength(1);
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

  it('is forgotten after a day, not before, by replicas that collect at the same time', async () => {
    await api.post(mug, withKey('young'));
    await sql(`INSERT INTO idempotency_records (route, key, fingerprint, order_id, body, created_at)
               SELECT 'place-order', 'old-' || n, '', gen_random_uuid(), '{}', now() - interval '25 hours'
                 FROM generate_series(1, 2500) AS n`);
    const collector = service.app.get(ForgetAnswers);
    const counts = await Promise.all([collector.run(), collector.run(), collector.run()]);
    const rest = await collector.run();
    expect(counts.reduce((sum, count) => sum + count, rest)).toBe(2_500);

    const replayed = await api.post<OrderDetails>(mug, withKey('young'));
    expect(replayed.headers.get('idempotent-replayed')).toBe('true');
  });
});
