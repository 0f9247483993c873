import type { ProblemDetails } from '@tradepost/service';
import { testService, type TestService } from '@tradepost/test-kit';
import { OrdersModule } from '../src/orders.module';
import { mug, OrdersApi } from './orders-api';

const reason = { reason: 'changed my mind' };

describe('an Idempotency-Key on a cancellation', () => {
  let service: TestService;
  let api: OrdersApi;

  beforeAll(async () => {
    service = await testService(OrdersModule);
    api = new OrdersApi(service.url);
  });
  afterAll(async () => service.stop());

  const withKey = (key: string) => ({ 'idempotency-key': key });

  it('gives the same request the same answer, byte by byte, though the order has moved', async () => {
    const { id } = await api.place();
    const first = await api.cancel(id, reason, withKey('replay'));
    await service.db.query(
      { name: 'test-move', text: `UPDATE orders SET status = 'cancel_pending' WHERE id = $1` },
      [id],
    );
    const second = await api.cancel(id.toUpperCase(), reason, withKey('replay'));
    expect(first.headers.has('idempotent-replayed')).toBe(false);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(second.headers.get('content-type')).toBe(first.headers.get('content-type'));
    expect([second.status, second.text]).toEqual([200, first.text]);
    expect(first.body).toMatchObject({ id, status: 'cancelled' });
  });

  it('refuses another reason, and another order', async () => {
    const [one, other] = [await api.place(), await api.place()];
    await api.cancel(one.id, reason, withKey('reuse'));
    for (const [id, body] of [
      [one.id, { reason: 'another' }],
      [other.id, reason],
    ] as const) {
      const answer = await api.cancel<ProblemDetails>(id, body, withKey('reuse'));
      expect(answer.status).toBe(422);
      expect(answer.body.type).toBe('https://tradepost.dev/problems/idempotency-key-reused');
    }
    expect((await api.order(other.id)).timeline.map(({ state }) => state)).not.toContain(
      'cancelled',
    );
  });

  it('is another key than the same one on placing an order', async () => {
    const placed = await api.post(mug, withKey('both'));
    const cancelled = await api.cancel(placed.body.id, reason, withKey('both'));
    expect([cancelled.status, cancelled.headers.has('idempotent-replayed')]).toEqual([200, false]);
    const again = await api.post(mug, withKey('both'));
    expect([again.status, again.text]).toEqual([201, placed.text]);
  });

  it('makes one cancellation of 50 requests at the same time', async () => {
    const { id } = await api.place();
    const answers = await Promise.all(
      Array.from({ length: 50 }, async () => api.cancel(id, reason, withKey('parallel'))),
    );
    const fresh = answers.filter(
      ({ status, headers }) => status === 200 && !headers.has('idempotent-replayed'),
    );
    expect(fresh).toHaveLength(1);
    for (const { status, text, headers } of answers) {
      // 503: on a slow machine, no connection was free in time.
      if (status === 503) continue;
      if (status === 200) expect(text).toBe(fresh[0]?.text);
      else expect([status, headers.get('retry-after')]).toEqual([409, '1']);
    }
    const states = (await api.order(id)).timeline.map(({ state }) => state);
    expect(states.filter((state) => state === 'cancelled')).toHaveLength(1);
  });

  it('does not remember a refused request', async () => {
    const unknown = '01890000-0000-7000-8000-000000000000';
    expect((await api.cancel(unknown, reason, withKey('refused'))).status).toBe(404);
    const { id } = await api.place();
    expect((await api.cancel(id, reason, withKey('refused'))).status).toBe(200);
  });

  it('must be one', async () => {
    const { id } = await api.place();
    const answer = await api.cancel<ProblemDetails>(id, reason, withKey('x'.repeat(256)));
    expect(answer.status).toBe(400);
    expect(answer.body.errors).toMatchObject([{ pointer: '/Idempotency-Key' }]);
  });
});
