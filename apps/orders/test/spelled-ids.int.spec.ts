import { PaymentCaptured, SaleBooked } from '@tradepost/contracts';
import { eventually, testService, type TestService } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { OrdersModule } from '../src/orders.module';
import type { OrderDetails } from '../src/order/order-details';
import { OrdersApi } from './orders-api';
import { startUsers } from './users-stand-in';

describe('an id in capitals', () => {
  let service: TestService;
  let api: OrdersApi;
  let users: { stop(): Promise<void> };

  beforeAll(async () => {
    service = await testService(OrdersModule, { WEBHOOKS_ALLOW_PRIVATE: 'true' });
    api = new OrdersApi(service.url);
    users = await startUsers(service.broker);
  });
  afterAll(async () => {
    await users.stop();
    await service.stop();
  });

  const reaches = async (id: string, status: string): Promise<OrderDetails> =>
    eventually(async () => {
      const order = await api.order(id);
      expect(order.status).toBe(status);
      return order;
    });

  it('is that of the same order, in an address', async () => {
    const { id } = await api.place();
    await reaches(id, 'awaiting_payment');

    expect(await api.order(id.toUpperCase())).toEqual(await api.order(id));
    const path = (one: string) => `/v1/orders/${one}/events`;
    expect((await api.get(path(id.toUpperCase()))).body).toEqual((await api.get(path(id))).body);
    expect((await api.cancel(id.toUpperCase())).body).toMatchObject({ id, status: 'cancelled' });
  });

  it('is that of the same order, in events', async () => {
    const { id, currency, total } = await api.place();
    await reaches(id, 'awaiting_payment');
    const [orderId, transactionId] = [id.toUpperCase(), randomUUID().toUpperCase()];
    const payment = { paymentId: randomUUID(), orderId, currency, amount: total };
    await service.broker.publish(SaleBooked, { orderId, transactionId });
    await service.broker.publish(PaymentCaptured, payment);

    await reaches(id, 'completed');
  });

  it('is that of the same webhook endpoint', async () => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ url: 'http://127.0.0.1:1/', events: ['order.completed'] });
    const made = await api.problem('/v1/webhooks', { method: 'POST', headers, body });
    expect(made.status).toBe(201);
    const { id } = made.body as unknown as { id: string };
    const path = `/v1/webhooks/${id.toUpperCase()}`;

    expect((await api.get(path)).body).toMatchObject({ id });
    expect((await api.get(`${path}/deliveries`)).body).toEqual({ items: [], nextCursor: null });
    const removed = await fetch(service.url + path, { method: 'DELETE', headers });
    expect(removed.status).toBe(204);
    expect((await fetch(service.url + path)).status).toBe(404);
  });
});
