import {
  OrderCancelled,
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
  SaleBooked,
  SaleFinalized,
} from '@tradepost/contracts';
import type { ProblemDetails } from '@tradepost/service';
import { eventually, type Listener, testService, type TestService } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { OrdersModule } from '../src/orders.module';
import type { OrderDetails } from '../src/order/order-details';
import { allHandled } from './all-handled';
import { mug, OrdersApi } from './orders-api';
import { startUsers } from './users-stand-in';

const requested = 'cancel-requested: changed my mind';

describe('cancelling an order', () => {
  let service: TestService;
  let api: OrdersApi;
  let users: { stop(): Promise<void> };
  let cancelled: Listener<OrderCancelled>;
  let finalized: Listener<SaleFinalized>;

  beforeAll(async () => {
    service = await testService(OrdersModule);
    api = new OrdersApi(service.url);
    users = await startUsers(service.broker);
    cancelled = await service.broker.listen(OrderCancelled);
    finalized = await service.broker.listen(SaleFinalized);
  });
  afterAll(async () => {
    await users?.stop();
    await service?.stop();
  });

  async function reaches(id: string, status: string): Promise<OrderDetails> {
    return eventually(async () => {
      const order = await api.order(id);
      expect(order.status).toBe(status);
      return order;
    });
  }

  const awaitingPayment = async () => reaches((await api.place()).id, 'awaiting_payment');

  async function paid(): Promise<OrderDetails> {
    const order = await awaitingPayment();
    await capture(order);
    return reaches(order.id, 'paid');
  }

  async function completed(): Promise<OrderDetails> {
    const { id } = await paid();
    await service.broker.publish(SaleBooked, { orderId: id, transactionId: randomUUID() });
    return reaches(id, 'completed');
  }

  const paymentOf = ({ id, currency, total }: OrderDetails) => ({
    paymentId: randomUUID(),
    orderId: id,
    currency,
    amount: total,
  });
  const capture = async (order: OrderDetails, messageId = randomUUID()) =>
    service.broker.publish(PaymentCaptured, paymentOf(order), { messageId });
  const refund = async (order: OrderDetails) =>
    service.broker.publish(PaymentRefunded, paymentOf(order));
  const decline = async (order: OrderDetails) =>
    service.broker.publish(PaymentDeclined, { ...paymentOf(order), reason: 'card_declined' });

  const statesOf = async ({ id }: OrderDetails) =>
    (await api.order(id)).timeline.map(({ state }) => state);

  const saidOf = (orderId: string) =>
    cancelled.messages.map(({ body }) => body).filter((body) => body.orderId === orderId);

  it('that awaits its payment: cancelled at once, with the reason, and published', async () => {
    const order = await awaitingPayment();
    const { status, headers, body } = await api.cancel(order.id);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect(body).toEqual({
      ...order,
      status: 'cancelled',
      timeline: [
        ...order.timeline,
        { state: 'cancelled', at: expect.stringMatching(/Z$/), cause: requested },
      ],
    });
    expect(await api.order(order.id)).toEqual(body);
    await eventually(() =>
      expect(saidOf(order.id)).toEqual([{ orderId: order.id, reason: 'changed my mind' }]),
    );
  });

  it.each([
    ['paid', paid],
    ['completed', completed],
  ])('that is %s: cancelled once its money is given back', async (_, reached) => {
    const order = await reached();
    const { status, body } = await api.cancel(order.id);
    expect([status, body.status]).toEqual([200, 'cancel_pending']);
    await eventually(() => expect(saidOf(order.id)).toHaveLength(1));
    await refund(order);
    const { timeline } = await reaches(order.id, 'cancelled');
    expect(timeline.slice(order.timeline.length).map(({ state, cause }) => [state, cause])).toEqual(
      [
        ['cancel_pending', requested],
        ['cancelled', 'payment-refunded'],
      ],
    );
  });

  it('twice, or 20 times at once, is cancelling it once', async () => {
    const order = await paid();
    const answers = await Promise.all(Array.from({ length: 20 }, () => api.cancel(order.id)));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    await refund(order);
    const before = await reaches(order.id, 'cancelled');
    const { status, body } = await api.cancel(order.id, { reason: 'a second time' });
    expect([status, body]).toEqual([200, before]);
    await eventually(() => expect(saidOf(order.id)).toHaveLength(1));
    expect(await statesOf(order)).toEqual([
      'pending',
      'awaiting_payment',
      'paid',
      'cancel_pending',
      'cancelled',
    ]);
  });

  it('whose capture comes after: back to cancel_pending until the refund', async () => {
    const order = await awaitingPayment();
    await api.cancel(order.id);
    const copy = randomUUID();
    await Promise.all([capture(order, copy), capture(order, copy), capture(order)]);
    await reaches(order.id, 'cancel_pending');
    await refund(order);
    await reaches(order.id, 'cancelled');
    await capture(order);
    await allHandled(service.broker, 'PaymentCaptured');
    expect((await statesOf(order)).slice(2)).toEqual(['cancelled', 'cancel_pending', 'cancelled']);
  });

  it('whose refund overtakes its capture stays cancelled', async () => {
    const order = await awaitingPayment();
    await api.cancel(order.id);
    await refund(order);
    await allHandled(service.broker, 'PaymentRefunded');
    await capture(order);
    await allHandled(service.broker, 'PaymentCaptured');
    expect((await statesOf(order)).slice(2)).toEqual(['cancelled']);
  });

  it('whose payment is declined after: nothing changes', async () => {
    const order = await awaitingPayment();
    const { body } = await api.cancel(order.id);
    await decline(order);
    await allHandled(service.broker, 'PaymentDeclined');
    expect(await api.order(order.id)).toEqual(body);
  });

  it('while it is confirmed: either way cancelled, and no sale is finalized after that', async () => {
    const orders = await Promise.all(Array.from({ length: 20 }, () => api.place()));
    const answers = await Promise.all(orders.map(({ id }) => api.cancel(id)));
    expect(answers.map(({ body }) => body.status)).toEqual(orders.map(() => 'cancelled'));
    const isSold = (id: string) => finalized.messages.some(({ body }) => body.orderId === id);
    const drained = await awaitingPayment();
    await eventually(() => expect(isSold(drained.id)).toBe(true));
    for (const order of orders) {
      const states = await statesOf(order);
      const known = states.includes('awaiting_payment');
      expect(states).toEqual(['pending', ...(known ? ['awaiting_payment'] : []), 'cancelled']);
      await eventually(() => expect(isSold(order.id)).toBe(known));
      await eventually(() => expect(saidOf(order.id)).toHaveLength(1));
    }
  });

  it('that came to another end is refused, and changes nothing', async () => {
    const rejected = await reaches((await api.place({ ...mug, customerId: '13' })).id, 'rejected');
    const unpaid = await awaitingPayment();
    await decline(unpaid);
    const failed = await reaches(unpaid.id, 'payment_failed');
    for (const order of [rejected, failed]) {
      const { status, headers, body } = await api.cancel<ProblemDetails>(order.id);
      expect(status).toBe(409);
      expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(body).toMatchObject({
        type: 'https://tradepost.dev/problems/order-not-cancellable',
        detail: `the order is ${order.status}`,
      });
      expect(await api.order(order.id)).toEqual(order);
      expect(saidOf(order.id)).toEqual([]);
    }
  });

  it.each([randomUUID(), 'abc', '%00'])('of an unknown order (%s): 404', async (id) => {
    const { status, body } = await api.cancel<ProblemDetails>(id);
    expect(status).toBe(404);
    expect(body.type).toBe('https://tradepost.dev/problems/order-not-found');
  });

  it.each([
    ['none', {}, '/reason'],
    ['an empty one', { reason: '' }, '/reason'],
    ['spaces', { reason: '  ' }, '/reason'],
    ['a number', { reason: 1 }, '/reason'],
    ['a list', { reason: ['a'] }, '/reason'],
    ['null', { reason: null }, '/reason'],
    ['501 characters', { reason: 'x'.repeat(501) }, '/reason'],
    ['two lines', { reason: 'a\nb' }, '/reason'],
    ['a NUL', { reason: 'a\0b' }, '/reason'],
    ['more than a reason', { reason: 'a', refund: 1 }, '/refund'],
    ['a list for a body', [], ''],
    ['null for a body', null, '/reason'],
  ])('without a good reason (%s): 400, and nothing is cancelled', async (_, reason, pointer) => {
    const { id } = await api.place();
    const { status, body } = await api.cancel<ProblemDetails>(id, reason);
    expect(status).toBe(400);
    expect(body.type).toBe('https://tradepost.dev/problems/invalid-request');
    expect(body.errors?.map((error) => error.pointer)).toContain(pointer);
    expect((await api.order(id)).timeline.map(({ cause }) => cause)).not.toContain(requested);
  });

  it('without a body: 400', async () => {
    const { id } = await api.place();
    const { status, headers } = await api.problem(`/v1/orders/${id}/cancel`, { method: 'POST' });
    expect([status, headers.get('content-type')]).toEqual([400, 'application/problem+json']);
  });

  it.each(['x'.repeat(500), '😀'.repeat(500), 'zu spät — 遅すぎる'])(
    'says any reason in any script to everyone: %s',
    async (reason) => {
      const { id } = await api.place();
      const { status, body } = await api.cancel(id, { reason });
      expect([status, body.timeline.at(-1)?.cause]).toEqual([200, `cancel-requested: ${reason}`]);
      await eventually(() => expect(saidOf(id)).toEqual([{ orderId: id, reason }]));
    },
  );

  it('is said once, of whatever order', () => {
    const said = cancelled.messages.map(({ body }) => body.orderId);
    expect(said).toEqual([...new Set(said)]);
  });

  it('leaves nothing among the dead letters', async () => {
    const all = Object.values(await service.broker.allDeadLetters()).flat();
    // But for those that `allHandled` waits for.
    expect(all.filter(({ headers }) => headers['x-error-code'] !== 'order_unknown')).toEqual([]);
  });
});
