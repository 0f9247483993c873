import {
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
  SaleBooked,
} from '@tradepost/contracts';
import { Rejected } from '@tradepost/messaging';
import { eventually, testService, type TestService } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { type Advance, AdvanceOrder } from '../src/order/advance-order';
import { OrdersModule } from '../src/orders.module';
import type { OrderDetails } from '../src/order/order-details';
import { allHandled } from './all-handled';
import { OrdersApi } from './orders-api';
import { startUsers } from './users-stand-in';

describe('events of other services about an order', () => {
  let service: TestService;
  let api: OrdersApi;
  let users: { stop(): Promise<void> };

  beforeAll(async () => {
    service = await testService(OrdersModule);
    api = new OrdersApi(service.url);
    users = await startUsers(service.broker);
  });
  afterAll(async () => {
    await users.stop();
    await service.stop();
  });

  async function confirmed(): Promise<OrderDetails> {
    const { id } = await api.place();
    return reaches(id, 'awaiting_payment');
  }

  async function reaches(id: string, status: string): Promise<OrderDetails> {
    return eventually(async () => {
      const order = await api.order(id);
      expect(order.status).toBe(status);
      return order;
    });
  }

  const paymentOf = ({ id, currency, total }: OrderDetails) => ({
    paymentId: randomUUID(),
    orderId: id,
    currency,
    amount: total,
  });
  const capture = async (order: OrderDetails, messageId = randomUUID()) =>
    service.broker.publish(PaymentCaptured, paymentOf(order), { messageId });
  const decline = async (order: OrderDetails) =>
    service.broker.publish(PaymentDeclined, { ...paymentOf(order), reason: 'card_declined' });
  const book = async ({ id }: OrderDetails, messageId = randomUUID()) =>
    service.broker.publish(SaleBooked, { orderId: id, transactionId: randomUUID() }, { messageId });

  const timelineOf = async ({ id }: OrderDetails) =>
    (await api.order(id)).timeline.slice(2).map(({ state, cause }) => `${state}: ${cause}`);

  /** The order's booking is in the database: its message has been handled. */
  async function isBooked({ id }: OrderDetails): Promise<void> {
    const sql = { name: 'test-booked', text: 'SELECT booked FROM orders WHERE id = $1' };
    await eventually(async () =>
      expect(await service.db.query(sql, [id])).toEqual([{ booked: true }]),
    );
  }

  function eventOf(order: OrderDetails, name: 'payment-captured' | 'sale-booked'): Advance {
    const payment = name === 'payment-captured' ? paymentOf(order) : undefined;
    return { orderId: order.id, event: { name, cause: name, payment } };
  }

  async function setStatus({ id }: OrderDetails, status: string): Promise<void> {
    const text = 'UPDATE orders SET status = $2 WHERE id = $1';
    await service.db.query({ name: 'test-set-status', text }, [id, status]);
  }

  /** @returns how many transactions wrote the orders as they are */
  async function writersOf(...orders: OrderDetails[]): Promise<number> {
    const text = 'SELECT DISTINCT xmin FROM orders WHERE id = ANY($1)';
    const sql = { name: 'test-writers', text };
    return (await service.db.query(sql, [orders.map(({ id }) => id)])).length;
  }

  /** @returns the reasons of the queue's dead letters about `orderId` */
  async function reasonsOf(queue: string, orderId: string): Promise<string[]> {
    return eventually(async () => {
      const deadLetters = await service.broker.deadLetters(`orders.${queue}`);
      const own = deadLetters.filter(
        ({ body }) => (body as { orderId: string }).orderId === orderId,
      );
      expect(own).not.toEqual([]);
      return own.map(({ headers }) => JSON.stringify(headers));
    });
  }

  it('captured, then booked: paid, then completed', async () => {
    const order = await confirmed();
    await capture(order);
    await reaches(order.id, 'paid');
    await book(order);
    await reaches(order.id, 'completed');
    expect(await timelineOf(order)).toEqual(['paid: payment-captured', 'completed: sale-booked']);
  });

  it('booked, then captured: still awaiting payment, then completed by way of paid', async () => {
    const order = await confirmed();
    await book(order);
    await isBooked(order);
    expect((await api.order(order.id)).status).toBe('awaiting_payment');
    await capture(order);
    await reaches(order.id, 'completed');
    expect(await timelineOf(order)).toEqual([
      'paid: payment-captured',
      'completed: payment-captured',
    ]);
  });

  it('captured and booked at the same time, many orders: every one completed', async () => {
    const orders = await Promise.all(Array.from({ length: 20 }, confirmed));
    await Promise.all(orders.flatMap((order) => [capture(order), book(order)]));
    for (const { id } of orders) {
      const states = (await reaches(id, 'completed')).timeline.map(({ state }) => state);
      expect(states).toEqual(['pending', 'awaiting_payment', 'paid', 'completed']);
    }
  });

  it('the same event resent, as the same message or another: nothing more', async () => {
    const order = await confirmed();
    const copy = randomUUID();
    await Promise.all([capture(order, copy), capture(order, copy), capture(order), capture(order)]);
    await reaches(order.id, 'paid');
    await Promise.all([book(order), book(order), book(order)]);
    await reaches(order.id, 'completed');
    await Promise.all([capture(order, copy), capture(order), book(order)]);
    await allHandled(service.broker, 'PaymentCaptured', 'SaleBooked');
    expect(await timelineOf(order)).toEqual(['paid: payment-captured', 'completed: sale-booked']);
  });

  it('declined: payment failed, though it is booked before or after', async () => {
    const [before, after] = [await confirmed(), await confirmed()];
    await book(before);
    await isBooked(before);
    await Promise.all([decline(before), decline(after)]);
    await reaches(before.id, 'payment_failed');
    await reaches(after.id, 'payment_failed');
    await book(after);
    await isBooked(after);
    for (const order of [before, after]) {
      const failed = ['payment_failed: payment-declined: card_declined'];
      expect(await timelineOf(order)).toEqual(failed);
    }
  });

  it('that no state allows are dead-lettered with the reason, and change nothing', async () => {
    const order = await confirmed();
    await decline(order);
    await reaches(order.id, 'payment_failed');
    await capture(order);
    const [reason] = await reasonsOf('payment-captured', order.id);
    expect(reason).toContain('payment_captured_when_payment_failed');

    await service.broker.publish(PaymentRefunded, paymentOf(order));
    const [refund] = await reasonsOf('payment-refunded', order.id);
    expect(refund).toContain('payment_refunded_when_payment_failed');
    expect((await api.order(order.id)).status).toBe('payment_failed');
  });

  it('of a payment of another amount are dead-lettered', async () => {
    const order = await confirmed();
    await capture({ ...order, total: order.total - 1 });
    const [reason] = await reasonsOf('payment-captured', order.id);
    expect(reason).toContain('payment_captured_amount_differs');
    expect((await api.order(order.id)).status).toBe('awaiting_payment');
  });

  it('about an unknown order are dead-lettered', async () => {
    const orderId = randomUUID();
    await service.broker.publish(SaleBooked, { orderId, transactionId: randomUUID() });
    const [reason] = await reasonsOf('sale-booked', orderId);
    expect(reason).toContain('order_unknown');
  });

  it('of one order in one batch meet it one after another, each with its own step', async () => {
    const order = await confirmed();
    const [copy, booked] = [eventOf(order, 'payment-captured'), eventOf(order, 'sale-booked')];
    const batch = [copy, copy, booked, copy, booked];
    const errors = await service.app.get(AdvanceOrder).runEach(batch);
    expect(errors).toEqual(batch.map(() => undefined));
    expect((await api.order(order.id)).status).toBe('completed');
    expect(await timelineOf(order)).toEqual(['paid: payment-captured', 'completed: sale-booked']);
  });

  it('share a transaction, in which a refused or an early one costs the others nothing', async () => {
    const orders = await Promise.all(Array.from({ length: 4 }, confirmed));
    const [first, wrong, early, last] = orders as [
      OrderDetails,
      OrderDetails,
      OrderDetails,
      OrderDetails,
    ];
    await setStatus(early, 'pending');
    const errors = await service.app
      .get(AdvanceOrder)
      .runEach([
        eventOf(first, 'payment-captured'),
        eventOf({ ...wrong, total: wrong.total + 1 }, 'payment-captured'),
        eventOf(early, 'payment-captured'),
        eventOf({ ...first, id: randomUUID() }, 'payment-captured'),
        eventOf(last, 'payment-captured'),
      ]);
    expect(await writersOf(first, last)).toBe(1);
    const codes = errors.map((error) => (error instanceof Rejected ? error.code : error?.message));
    expect(codes).toEqual([
      undefined,
      'payment_captured_amount_differs',
      `payment-captured is early: order ${early.id} is still pending`,
      'order_unknown',
      undefined,
    ]);
    const found = await Promise.all(orders.map(async ({ id }) => api.order(id)));
    expect(found.map(({ status }) => status)).toEqual([
      'paid',
      'awaiting_payment',
      'pending',
      'paid',
    ]);
  });

  it('that come early are retried until the order allows them', async () => {
    const order = await confirmed();
    await setStatus(order, 'pending');
    await capture(order);
    await eventually(async () => expect(await service.broker.depth('retry.1s')).toBe(1));
    await setStatus(order, 'awaiting_payment');
    await reaches(order.id, 'paid');
  });
});
