import {
  ChargePayment,
  OrderCancelled,
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
  SaleFinalized,
} from '@tradepost/contracts';
import { eventually, type Listener, testService, type TestService } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import type { PaymentStatus } from '../src/payment/payment';
import type { PaymentView } from '../src/payment/payment-views.store';
import { PaymentsModule } from '../src/payments.module';
import { charge } from './charge';

const gatewayTimeoutMs = 300;

describe('payments', () => {
  let service: TestService;
  let captured: Listener<PaymentCaptured>;
  let declined: Listener<PaymentDeclined>;
  let refunded: Listener<PaymentRefunded>;

  beforeAll(async () => {
    service = await testService(PaymentsModule, {
      GATEWAY: 'sandbox',
      WORKER_ID: 'worker-1',
      GATEWAY_TIMEOUT_MS: `${gatewayTimeoutMs}`,
      SANDBOX_LATENCY_MS: '50',
    });
    captured = await service.broker.listen(PaymentCaptured);
    declined = await service.broker.listen(PaymentDeclined);
    refunded = await service.broker.listen(PaymentRefunded);
  });

  afterAll(async () => {
    await service.stop();
  });

  const saleOf = (orderId: string, paymentToken?: string, total = 4_990): SaleFinalized => ({
    orderId,
    customerId: '1',
    customerName: 'Paul Jhon',
    currency: 'USD',
    total,
    items: [{ sku: 'MUG', quantity: 1, unitPrice: total }],
    paymentToken,
    finalizedAt: new Date().toISOString(),
  });

  async function get<Body>(path: string): Promise<{ status: number; type: string; body: Body }> {
    const response = await fetch(service.url + path);
    const type = response.headers.get('content-type') ?? '';
    return { status: response.status, type, body: (await response.json()) as Body };
  }

  async function paymentsOf(orderId: string): Promise<PaymentView[]> {
    const path = `/v1/payments?orderId=${orderId}`;
    return (await get<{ items: PaymentView[] }>(path)).body.items;
  }

  async function untilStatus(orderId: string, status: PaymentStatus): Promise<PaymentView> {
    return eventually(async () => {
      const [payment] = await paymentsOf(orderId);
      if (payment?.status !== status) throw new Error(`${orderId} is ${payment?.status}`);
      return payment;
    });
  }

  function saidOf<B extends { orderId: string }>(listener: Listener<B>, orderId: string): B[] {
    return listener.messages.map(({ body }) => body).filter((body) => body.orderId === orderId);
  }

  /** What the gateway has, of one payment. */
  async function chargesOf(paymentId: string) {
    const text = `SELECT outcome, calls, refunded_at IS NOT NULL AS refunded
                  FROM sandbox_charges WHERE payment_id = $1`;
    return service.db.query({ name: 'test-charges', text }, [paymentId]);
  }

  /** A pending payment without a command to charge it. */
  async function openPayment(
    paymentToken: string,
  ): Promise<{ paymentId: string; orderId: string }> {
    const [paymentId, orderId] = [randomUUID(), randomUUID()];
    const text = `INSERT INTO payments (id, order_id, currency, amount, payment_token, status)
                  VALUES ($1, $2, 'USD', 4990, $3, 'pending')`;
    await service.db.query({ name: 'test-open', text }, [paymentId, orderId, paymentToken]);
    return { paymentId, orderId };
  }

  it('takes the money of a sale, says so, and shows who did it', async () => {
    const orderId = randomUUID();
    await service.broker.publish(SaleFinalized, saleOf(orderId, 'tok_approve'));
    const payment = await untilStatus(orderId, 'captured');
    expect(payment).toEqual({
      id: expect.any(String),
      orderId,
      currency: 'USD',
      amount: 4_990,
      status: 'captured',
      declineReason: null,
      createdAt: expect.stringMatching(/Z$/),
      updatedAt: expect.stringMatching(/Z$/),
      attempts: [
        {
          number: 1,
          operation: 'charge',
          outcome: 'approved',
          worker: 'worker-1',
          at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        },
      ],
    });
    await eventually(() => {
      expect(saidOf(captured, orderId)).toEqual([
        { paymentId: payment.id, orderId, currency: 'USD', amount: 4_990 },
      ]);
    });
    expect((await get(`/v1/payments/${payment.id}`)).body).toEqual(payment);
  });

  it('opens one payment an order, however often it hears of the sale', async () => {
    const orderId = randomUUID();
    const messageId = randomUUID();
    await service.broker.publish(SaleFinalized, saleOf(orderId), { messageId });
    await service.broker.publish(SaleFinalized, saleOf(orderId), { messageId });
    await service.broker.publish(SaleFinalized, saleOf(orderId));
    const later = randomUUID();
    await service.broker.publish(SaleFinalized, saleOf(later));
    // Batches run one after another: when a later sale's payment is there, the copies are done.
    await untilStatus(later, 'captured');
    await untilStatus(orderId, 'captured');
    expect(await paymentsOf(orderId)).toHaveLength(1);
    expect(saidOf(captured, orderId)).toHaveLength(1);
  });

  it('makes one charge of 20 deliveries at the same time', async () => {
    const { paymentId, orderId } = await openPayment('tok_approve');
    await Promise.all(Array.from({ length: 20 }, async () => charge(service.app, { paymentId })));
    const payment = await untilStatus(orderId, 'captured');
    expect(payment.attempts).toMatchObject([{ number: 1, outcome: 'approved' }]);
    // Those that began after the first one's end need not ask the gateway any more.
    const charges = await chargesOf(paymentId);
    expect(charges).toEqual([{ outcome: 'approved', calls: expect.any(Number), refunded: false }]);
    expect(charges[0]?.calls).toBeGreaterThan(1);

    await service.broker.publish(ChargePayment, { paymentId });
    const later = randomUUID();
    await service.broker.publish(SaleFinalized, saleOf(later));
    await eventually(() => expect(saidOf(captured, later)).toHaveLength(1));
    expect(saidOf(captured, orderId)).toHaveLength(1);
    expect((await untilStatus(orderId, 'captured')).attempts).toHaveLength(1);
  });

  it.each([
    ['its token', 'tok_decline', 4_990],
    ['its amount', undefined, 1_002],
  ])('says that a payment was declined because of %s', async (_, token, total) => {
    const orderId = randomUUID();
    await service.broker.publish(SaleFinalized, saleOf(orderId, token, total));
    const payment = await untilStatus(orderId, 'declined');
    expect(payment.declineReason).toBe('card_declined');
    expect(payment.attempts).toMatchObject([{ number: 1, outcome: 'declined' }]);
    await eventually(() => {
      expect(saidOf(declined, orderId)).toEqual([
        { paymentId: payment.id, orderId, currency: 'USD', amount: total, reason: 'card_declined' },
      ]);
    });
    expect(saidOf(captured, orderId)).toEqual([]);
  });

  it('asks again after a timeout, and takes the money once', async () => {
    const orderId = randomUUID();
    await service.broker.publish(SaleFinalized, saleOf(orderId, 'tok_timeout_once'));
    const payment = await untilStatus(orderId, 'captured');
    expect(payment.attempts).toMatchObject([
      { number: 1, outcome: 'timed_out' },
      { number: 2, outcome: 'approved' },
    ]);
    expect(await chargesOf(payment.id)).toEqual([
      { outcome: 'approved', calls: 2, refunded: false },
    ]);
    await eventually(() => expect(saidOf(captured, orderId)).toHaveLength(1));
  });

  it('leaves a payment pending while the gateway always times out', async () => {
    const { paymentId, orderId } = await openPayment('tok_timeout');
    await expect(charge(service.app, { paymentId })).rejects.toMatchObject({
      name: 'GatewayTimeout',
      paymentId,
      timeoutMs: gatewayTimeoutMs,
    });
    const payment = await untilStatus(orderId, 'pending');
    expect(payment.attempts).toMatchObject([{ number: 1, outcome: 'timed_out' }]);
    expect(await chargesOf(paymentId)).toEqual([]);
  });

  it('gives captured money back when the order is cancelled, once', async () => {
    const orderId = randomUUID();
    await service.broker.publish(SaleFinalized, saleOf(orderId));
    await untilStatus(orderId, 'captured');
    await service.broker.publish(OrderCancelled, { orderId, reason: 'changed my mind' });
    await service.broker.publish(OrderCancelled, { orderId, reason: 'changed my mind' });
    const payment = await untilStatus(orderId, 'refunded');
    expect(payment.attempts).toMatchObject([
      { number: 1, operation: 'charge', outcome: 'approved' },
      { number: 2, operation: 'refund', outcome: 'approved' },
    ]);
    expect(await chargesOf(payment.id)).toMatchObject([{ refunded: true }]);
    await eventually(() => {
      expect(saidOf(refunded, orderId)).toEqual([
        { paymentId: payment.id, orderId, currency: 'USD', amount: 4_990 },
      ]);
    });
  });

  it('takes nothing for an order that is cancelled before its sale comes', async () => {
    const orderId = randomUUID();
    await service.broker.publish(OrderCancelled, { orderId, reason: 'changed my mind' });
    await eventually(async () => {
      const text = 'SELECT FROM cancelled_orders WHERE order_id = $1';
      expect(await service.db.query({ name: 'test-cancelled', text }, [orderId])).toHaveLength(1);
    });
    await service.broker.publish(SaleFinalized, saleOf(orderId));
    const { id } = await untilStatus(orderId, 'cancelled');
    await service.broker.publish(ChargePayment, { paymentId: id });
    const later = randomUUID();
    await service.broker.publish(SaleFinalized, saleOf(later));
    await eventually(() => expect(saidOf(captured, later)).toHaveLength(1));
    expect(await chargesOf(id)).toEqual([]);
    expect(saidOf(captured, orderId)).toEqual([]);
  });

  it('gives back what a charge took whose response was lost when the order was cancelled', async () => {
    const { paymentId, orderId } = await openPayment('tok_timeout_once');
    await expect(charge(service.app, { paymentId })).rejects.toThrow('no response');
    await service.broker.publish(OrderCancelled, { orderId, reason: 'took too long' });
    await eventually(async () => {
      const [payment] = await paymentsOf(orderId);
      expect(payment).toMatchObject({
        status: 'cancelled',
        attempts: [{ outcome: 'timed_out' }, { operation: 'refund', outcome: 'approved' }],
      });
    });
    expect(await chargesOf(paymentId)).toMatchObject([{ outcome: 'approved', refunded: true }]);
    expect([...saidOf(captured, orderId), ...saidOf(refunded, orderId)]).toEqual([]);
  });

  it('keeps no money of orders that are cancelled while they are charged', async () => {
    const orderIds = Array.from({ length: 30 }, () => randomUUID());
    await Promise.all(orderIds.map((id) => service.broker.publish(SaleFinalized, saleOf(id))));
    await Promise.all(
      orderIds.map((orderId) => service.broker.publish(OrderCancelled, { orderId, reason: 'no' })),
    );
    await eventually(async () => {
      const text = `SELECT FROM payments JOIN sandbox_charges charge ON payment_id = id
                    WHERE order_id = ANY ($1) AND outcome = 'approved' AND refunded_at IS NULL`;
      expect(await service.db.query({ name: 'test-kept', text }, [orderIds])).toEqual([]);
      const payments = (await Promise.all(orderIds.map(paymentsOf))).flat();
      expect(payments.every(({ status }) => /^(cancelled|refunded)$/.test(status))).toBe(true);
      expect(payments).toHaveLength(30);
    });
  });

  it('answers for an order and a payment that it does not know', async () => {
    expect(await paymentsOf(randomUUID())).toEqual([]);
    const { status, type, body } = await get(`/v1/payments/${randomUUID()}`);
    expect([status, type]).toEqual([404, expect.stringContaining('application/problem+json')]);
    expect(body).toMatchObject({ type: 'https://tradepost.dev/problems/payment-not-found' });
  });

  it.each(['?limit=1001', '?cursor=W10', '?orderId=abc', '?status=captured', '/abc'])(
    'answers the bad address /v1/payments%s with a problem',
    async (rest) => {
      const { status, type, body } = await get(`/v1/payments${rest}`);
      expect([status, type]).toEqual([400, expect.stringContaining('application/problem+json')]);
      expect(body).toMatchObject({
        type: 'https://tradepost.dev/problems/invalid-request',
        errors: [{ pointer: expect.stringMatching(/^\/(orderId|limit|cursor|status|id)$/) }],
      });
    },
  );

  it('dead-letters nothing in all of this', async () => {
    expect(await service.broker.allDeadLetters()).toEqual({});
  });
});
