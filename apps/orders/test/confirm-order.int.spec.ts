import { ConfirmOrder, SaleFinalized } from '@tradepost/contracts';
import { RpcFailed } from '@tradepost/messaging';
import { eventually, type Listener, testService, type TestService } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { ConfirmOrder as ConfirmOrderUseCase } from '../src/order/confirm-order';
import { OrdersModule } from '../src/orders.module';
import { mug, OrdersApi } from './orders-api';
import { startUsers, type UsersStandIn } from './users-stand-in';

const statesOf = ({ timeline }: { timeline: { state: string }[] }) =>
  timeline.map(({ state }) => state);

describe('confirming an order', () => {
  let service: TestService;
  let api: OrdersApi;
  let users: UsersStandIn;
  let sales: Listener<SaleFinalized>;

  beforeAll(async () => {
    service = await testService(OrdersModule);
    api = new OrdersApi(service.url);
    sales = await service.broker.listen(SaleFinalized);
    users = await startUsers(service.broker);
  });
  afterAll(async () => {
    await users.stop();
    await service.stop();
  });

  const salesOf = (orderId: string) =>
    sales.messages.filter(({ body }) => body.orderId === orderId);

  it('identifies the customer, awaits the payment and finalizes the sale', async () => {
    const { id } = await api.place({ ...mug, paymentToken: 'tok_approve' });
    const order = await eventually(async () => {
      const found = await api.order(id);
      expect(found.status).toBe('awaiting_payment');
      return found;
    });
    expect(order.customerName).toBe('Paul Jhon');
    expect(order.timeline).toEqual([
      { state: 'pending', at: order.createdAt, cause: 'order-placed' },
      { state: 'awaiting_payment', at: expect.any(String), cause: 'customer-known' },
    ]);

    await eventually(() => expect(salesOf(id)).toHaveLength(1));
    expect(salesOf(id)[0]?.body).toEqual({
      orderId: id,
      customerId: '1',
      customerName: 'Paul Jhon',
      currency: 'USD',
      total: 2_500,
      items: [{ sku: 'MUG-BLUE', quantity: 2, unitPrice: 1_250 }],
      paymentToken: 'tok_approve',
      finalizedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  it.each([
    ['is unknown', '99', 'customer-refused: user_unknown'],
    ['is suspended', '13', 'customer-refused: user_suspended'],
  ])('rejects the order of a customer who %s', async (_who, customerId, cause) => {
    const { id } = await api.place({ ...mug, customerId });
    await eventually(async () => {
      expect((await api.order(id)).timeline.at(-1)).toMatchObject({ state: 'rejected', cause });
    });
    await soldAfter(id);
    expect(salesOf(id)).toEqual([]);
  });

  it('makes one sale of a message that comes many times, also at the same time', async () => {
    const { id } = await api.place();
    const confirm = service.app.get(ConfirmOrderUseCase);
    const copy = { orderId: id, customerId: '1' };
    const copies = Array.from({ length: 10 }, async () => confirm.runEach([copy, copy]));
    expect((await Promise.all(copies)).flat()).toEqual(Array(20).fill(undefined));
    expect(statesOf(await api.order(id))).toEqual(['pending', 'awaiting_payment']);
    await soldAfter(id);
    expect(salesOf(id)).toHaveLength(1);
  });

  it('dead-letters a message about an unknown order, with the reason', async () => {
    await service.broker.publish(ConfirmOrder, { orderId: randomUUID(), customerId: '1' });
    await eventually(async () => {
      const deadLetters = await service.broker.deadLetters('orders.confirm-order');
      expect(deadLetters.map(({ headers }) => JSON.stringify(headers))).toEqual([
        expect.stringContaining('order_unknown'),
      ]);
    });
  });

  it('a question that fails fails its order alone, and only while that is pending', async () => {
    const place = async (customerId: string) => api.place({ ...mug, customerId });
    const [broken, known, cancelled] = [
      await place('broken'),
      await place('1'),
      await place('broken'),
    ];
    await api.cancel(cancelled.id);
    const orders = [broken, known, cancelled];
    const batch = orders.map(({ id: orderId, customerId }) => ({ orderId, customerId }));
    const unknown = { orderId: randomUUID(), customerId: 'broken' };
    const errors = await service.app.get(ConfirmOrderUseCase).runEach([...batch, unknown]);
    const failed = expect.any(RpcFailed) as RpcFailed;
    expect(errors).toEqual([failed, undefined, undefined, failed]);
    const found = await Promise.all(orders.map(async ({ id }) => api.order(id)));
    expect(found.map(({ status }) => status)).toEqual(['pending', 'awaiting_payment', 'cancelled']);
    await api.cancel(broken.id);
  });

  it('a refusal of users that says nothing of the customer leaves the order pending', async () => {
    const { id: orderId } = await api.place({ ...mug, customerId: 'closed' });
    const confirming = service.app.get(ConfirmOrderUseCase).run({ orderId, customerId: 'closed' });
    await expect(confirming).rejects.toMatchObject({ code: 'users_closed' });
    expect((await api.order(orderId)).status).toBe('pending');
    await api.cancel(orderId);
  });

  it('asks about a customer once for all orders of a batch, in the flow of the first', async () => {
    const customerId = 'asked-once';
    const traceIds = ['a'.repeat(32), 'b'.repeat(32)];
    const batch = traceIds.map((id) => ({
      ...{ orderId: randomUUID(), customerId },
      because: { traceparent: `00-${id}-${'1'.repeat(16)}-01` },
    }));
    await service.app.get(ConfirmOrderUseCase).runEach(batch);
    expect(users.asked.filter(({ id }) => id === customerId)).toEqual([
      { id: customerId, traceId: traceIds[0] },
    ]);
  });

  /** Another order's sale was heard: whatever was sent before it has been heard, too. */
  async function soldAfter(orderId: string): Promise<void> {
    await eventually(async () => {
      const text = 'SELECT 1 FROM outbox';
      expect(await service.db.query({ name: 'test-outbox', text })).toEqual([]);
    });
    const later = await api.place();
    expect(later.id > orderId).toBe(true);
    await eventually(() => expect(salesOf(later.id)).toHaveLength(1));
  }
});

describe('confirming an order while users is away', () => {
  it('keeps the order pending and tries again until users is back', async () => {
    const service = await testService(OrdersModule);
    const api = new OrdersApi(service.url);
    try {
      const { id } = await api.place();
      await eventually(async () => expect(await service.broker.depth('retry.1s')).toBe(1));
      expect((await api.order(id)).status).toBe('pending');
      const users = await startUsers(service.broker);
      try {
        await eventually(
          async () => expect((await api.order(id)).status).toBe('awaiting_payment'),
          { withinMs: 20_000 },
        );
      } finally {
        await users.stop();
      }
      expect(await service.broker.allDeadLetters()).toEqual({});
    } finally {
      await service.stop();
    }
  });
});
