import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { OrderCancelled, type Payment, SaleFinalized } from '@tradepost/contracts';
import { Messages } from '@tradepost/messaging';
import { createService } from '@tradepost/service';
import {
  eventually,
  type Listener,
  testService,
  type TestService,
  openToAll,
} from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import type { OrderDetails } from '../src/order/order-details';
import { OrdersConfig } from '../src/orders.config';
import { OrdersModule } from '../src/orders.module';
import { OrdersStore } from '../src/order/orders.store';
import { SweepOrders } from '../src/recovery/sweep-orders';
import { OrdersApi } from './orders-api';
import { startPayments, type StandIn } from './payments-stand-in';
import { startUsers } from './users-stand-in';

describe('overdue orders', () => {
  let service: TestService;
  let api: OrdersApi;
  const replicas: NestFastifyApplication[] = [];
  let users: { stop(): Promise<void> };
  let payments: StandIn;
  let sales: Listener<SaleFinalized>;
  let cancellations: Listener<OrderCancelled>;

  beforeAll(async () => {
    service = await testService(OrdersModule, { SWEEP_EVERY_MS: '3600000' });
    api = new OrdersApi(service.url);
    [sales, cancellations] = await Promise.all([
      service.broker.listen(SaleFinalized),
      service.broker.listen(OrderCancelled),
    ]);
    [users, payments] = await Promise.all([
      startUsers(service.broker),
      startPayments(service.broker),
    ]);
    await eventually(async () => service.broker.ask('users.get-user', { id: '1' }));
    await eventually(async () =>
      service.broker.ask('payments.get-payment', { orderId: randomUUID() }),
    );
  });
  afterAll(async () => {
    await Promise.all(replicas.map(async (app) => app.close()));
    await Promise.all([users.stop(), payments.stop()]);
    await service.stop();
  });

  /** Another process of orders, on the same database. */
  async function replica(env: Record<string, string>): Promise<NestFastifyApplication> {
    const { POSTGRES_URL, AMQP_URL } = service.app.get(OrdersConfig);
    const given = { POSTGRES_URL, AMQP_URL, POSTGRES_POOL_MAX: '5', LOG_LEVEL: 'critical' };
    const app = await createService(OrdersModule, { ...openToAll, ...given, ...env });
    replicas.push(app);
    await app.init();
    await eventually(() =>
      expect(app.get(Messages).canAsk).toBe(AMQP_URL === app.get(OrdersConfig).AMQP_URL),
    );
    return app;
  }

  /** An order whose message ConfirmOrder was lost. */
  async function lost(customerId = '1'): Promise<string> {
    const id = randomUUID();
    const at = new Date().toISOString();
    const order: OrderDetails = {
      id,
      status: 'pending',
      customerId,
      customerName: null,
      currency: 'USD',
      total: 1_250,
      items: [{ sku: 'MUG-BLUE', name: 'Mug', quantity: 1, unitPrice: 1_250 }],
      createdAt: at,
      timeline: [{ state: 'pending', at, cause: 'order-placed' }],
    };
    await service.db.transaction(async (tx) =>
      service.app.get(OrdersStore).insertEach(tx, [{ ...order, paymentToken: 'tok_approve' }]),
    );
    return id;
  }

  /** An order that has come to `states` in the past. */
  async function staying(...states: string[]): Promise<string> {
    const id = await lost();
    const moves = states.map((state, n) => [state, state === 'cancel_pending' ? 'no' : '', n + 2]);
    for (const [state, reason, step] of moves) {
      const text = `
        WITH moved AS (UPDATE orders SET status = $2, customer_name = 'Paul Jhon', steps = $3
                        WHERE id = $1)
        INSERT INTO order_timeline (order_id, step, state, at, cause)
        VALUES ($1, $3, $2, now(), $4)`;
      const cause = reason ? `cancel-requested: ${reason}` : 'earlier';
      await service.db.query({ name: 'test-come-to', text }, [id, state, step, cause]);
    }
    await isOverdue(id);
    return id;
  }

  async function isOverdue(...ids: string[]): Promise<void> {
    const text = `UPDATE orders SET checked_at = now() - interval '1 day' WHERE id = ANY ($1)`;
    await service.db.query({ name: 'test-is-overdue', text }, [ids]);
  }

  function pay(orderId: string, status: Payment['status'], declineReason?: string): void {
    const paid = { paymentId: randomUUID(), orderId, currency: 'USD', amount: 1_250 } as const;
    payments.payments.set(orderId, { ...paid, status, declineReason });
  }

  const sweep = async (app = service.app) => app.get(SweepOrders).run();
  const stateOf = async (id: string) => {
    const { state, cause } = (await api.order(id)).timeline.at(-1) as {
      state: string;
      cause: string;
    };
    return `${state}: ${cause}`;
  };
  const saidOf = (listener: Listener<{ orderId: string }>, id: string) =>
    listener.messages.map(({ body }) => body).filter(({ orderId }) => orderId === id);
  /** Nothing waits in the outbox: what was sent has been heard. */
  const allSaid = async () =>
    eventually(async () => {
      const text = 'SELECT FROM outbox';
      expect(await service.db.query({ name: 'test-outbox', text })).toEqual([]);
    });

  it('pending, its confirmation lost: confirmed, and its sale is final, once', async () => {
    const id = await lost();
    expect(await sweep()).toBe(0);
    await isOverdue(id);
    expect(await sweep()).toBe(1);
    expect(await stateOf(id)).toBe('awaiting_payment: customer-known');
    await eventually(() => expect(saidOf(sales, id)).toHaveLength(1));
  });

  it('pending, and the customer is unknown: rejected at the second check', async () => {
    const id = await lost('broken');
    await isOverdue(id);
    await sweep();
    expect(await stateOf(id)).toBe('pending: order-placed');
    expect(await sweep()).toBe(0);
    await isOverdue(id);
    await sweep();
    expect(await stateOf(id)).toBe('rejected: confirmation-expired');
    await allSaid();
    expect(saidOf(sales, id)).toEqual([]);
  });

  it('pending, and the customer is known by the second check: confirmed', async () => {
    const id = await lost();
    const text = 'UPDATE orders SET checks = 1 WHERE id = $1';
    await service.db.query({ name: 'test-checks', text }, [id]);
    await isOverdue(id);
    await sweep();
    expect(await stateOf(id)).toBe('awaiting_payment: customer-known');
  });

  it.each([
    ['captured', undefined, 'paid: payment-captured'],
    ['declined', 'timed_out', 'payment_failed: payment-declined: timed_out'],
  ] as const)('awaiting its payment, which is %s: as if it had heard', async (status, why, end) => {
    const id = await staying('awaiting_payment');
    pay(id, status, why);
    await sweep();
    expect(await stateOf(id)).toBe(end);
    await allSaid();
    expect(saidOf(sales, id)).toEqual([]);
  });

  it('awaiting a payment that payments does not know: its sale is resent', async () => {
    const id = await staying('awaiting_payment');
    const finalizedAt = (await api.order(id)).timeline[1]?.at;
    await sweep();
    await eventually(() =>
      expect(saidOf(sales, id)).toMatchObject([
        { customerName: 'Paul Jhon', total: 1_250, paymentToken: 'tok_approve', finalizedAt },
      ]),
    );
    expect(await stateOf(id)).toBe('awaiting_payment: earlier');
  });

  it('paid, and not booked: its sale is resent', async () => {
    const id = await staying('awaiting_payment', 'paid');
    pay(id, 'captured');
    await sweep();
    await eventually(() => expect(saidOf(sales, id)).toHaveLength(1));
  });

  it('its cancellation pending, and the money is back: cancelled', async () => {
    const id = await staying('awaiting_payment', 'paid', 'cancel_pending');
    pay(id, 'refunded');
    await sweep();
    expect(await stateOf(id)).toBe('cancelled: payment-refunded');
    await allSaid();
    expect(saidOf(cancellations, id)).toEqual([]);
  });

  it('its cancellation pending, and payments keeps the money: its cancellation is resent', async () => {
    const id = await staying('awaiting_payment', 'paid', 'cancel_pending');
    pay(id, 'captured');
    await sweep();
    await eventually(() =>
      expect(saidOf(cancellations, id)).toEqual([{ orderId: id, reason: 'no' }]),
    );
  });

  it.each([
    ['awaiting_payment', 'pending'],
    ['cancel_pending', 'refund_pending'],
    // Contradictions: a person is told.
    ['awaiting_payment', 'refunded'],
    ['paid', 'declined'],
  ] as const)('%s, and its payment is %s: left alone', async (state, status) => {
    const id = await staying('awaiting_payment', state);
    pay(id, status, status === 'declined' ? 'card_declined' : undefined);
    await sweep();
    expect(payments.asked).toContain(id);
    await allSaid();
    expect(await stateOf(id)).toMatch(new RegExp(`^${state}`));
    expect([...saidOf(sales, id), ...saidOf(cancellations, id)]).toEqual([]);
  });

  it('cancelled while payments is asked: its sale is not resent', async () => {
    const id = await staying('awaiting_payment');
    payments.meanwhile = async (orderId) => api.cancel(orderId);
    await sweep();
    payments.meanwhile = undefined;
    expect(await stateOf(id)).toBe('cancelled: cancel-requested: changed my mind');
    await allSaid();
    expect(saidOf(sales, id)).toEqual([]);
  });

  it('a payment of another amount is not applied', async () => {
    const id = await staying('awaiting_payment');
    pay(id, 'captured');
    const payment = payments.payments.get(id) as Payment;
    payments.payments.set(id, { ...payment, amount: 1 });
    await sweep();
    expect(await stateOf(id)).toBe('awaiting_payment: earlier');
  });

  it('an order that has reached its end is not checked', async () => {
    const ends = ['completed', 'rejected', 'payment_failed', 'cancelled'];
    await Promise.all(ends.map(async (end) => staying(end)));
    expect(await sweep()).toBe(0);
  });

  it('an order that stays overdue is checked ever more rarely', async () => {
    const id = await staying('awaiting_payment');
    const deadlines = service.app.get(OrdersConfig).ORDER_DEADLINE_MS / 1_000;
    pay(id, 'pending');
    const is = async (checks: number, ago: number): Promise<number> => {
      const text = `UPDATE orders SET checks = $2, checked_at = now() - $3 * interval '1 second'
                    WHERE id = $1`;
      await service.db.query({ name: 'test-is', text }, [id, checks, ago * deadlines]);
      return sweep();
    };
    // Looked at so often, so many deadlines ago.
    expect(await is(1, 1.1)).toBe(1);
    expect(await is(2, 1.9)).toBe(0);
    expect(await is(2, 2.1)).toBe(1);
    expect(await is(3, 3.9)).toBe(0);
    expect(await is(3, 4.1)).toBe(1);
    expect(await is(9, 4.1)).toBe(1);
  });

  it('many replicas share the work: one of them checks an order', async () => {
    const ids = await Promise.all(
      Array.from({ length: 60 }, async () => staying('awaiting_payment')),
    );
    ids.forEach((id) => pay(id, 'captured'));
    const other = await replica({ SWEEP_EVERY_MS: '3600000' });
    const looked = await Promise.all([sweep(), sweep(other), sweep(), sweep(other)]);
    expect(looked.reduce((sum, count) => sum + count)).toBe(60);
    const asked = payments.asked.filter((id) => ids.includes(id));
    expect(asked.sort()).toEqual([...ids].sort());
    const text = `SELECT FROM orders WHERE id = ANY ($1) AND status <> 'paid'`;
    expect(await service.db.query({ name: 'test-unpaid', text }, [ids])).toEqual([]);
  });

  it('a locked order is not waited for', async () => {
    const [id, other] = [await lost(), await lost()];
    await isOverdue(id, other);
    await service.db.transaction(async (tx) => {
      await service.app.get(OrdersStore).lockEach(tx, [id]);
      expect(await sweep()).toBe(1);
    });
    expect(await sweep()).toBe(1);
  });

  it('without a broker no check is counted', async () => {
    const id = await lost('broken');
    await isOverdue(id);
    const alone = await replica({ AMQP_URL: 'amqp://127.0.0.1:1' });
    expect(await sweep(alone)).toBe(0);
    const text = 'SELECT checks FROM orders WHERE id = $1';
    expect(await service.db.query({ name: 'test-read-checks', text }, [id])).toEqual([
      { checks: 0 },
    ]);
  });

  it('a replica sweeps by itself, every so often, and stops', async () => {
    const text = `UPDATE orders SET checked_at = 'infinity'`;
    await service.db.query({ name: 'test-leave-alone', text });
    const id = await lost();
    await replica({ SWEEP_EVERY_MS: '50', ORDER_DEADLINE_MS: '100' });
    await eventually(async () => expect(await stateOf(id)).toMatch('awaiting_payment'));
  });

  it('nothing is dead-lettered in all of this', async () => {
    expect(await service.broker.allDeadLetters()).toEqual({});
  });
});
