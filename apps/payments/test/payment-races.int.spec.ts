import {
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
  type SaleFinalized,
} from '@tradepost/contracts';
import { lockIds } from '@tradepost/database';
import { Message } from '@tradepost/messaging';
import {
  eventually,
  inTurn,
  type Listener,
  testService,
  type TestService,
} from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { PaymentGateway } from '../src/gateway/payment-gateway';
import { ApplyGatewayResult } from '../src/payment/apply-gateway-result';
import { CancelPayment } from '../src/payment/cancel-payment';
import { OpenPayments } from '../src/payment/open-payments';
import {
  chargeOf,
  type NewPayment,
  type Payment,
  type PaymentStatus,
} from '../src/payment/payment';
import { PaymentViewsStore } from '../src/payment/payment-views.store';
import { PaymentsModule } from '../src/payments.module';
import { type Move, PaymentsStore } from '../src/payment/payments.store';
import { RecordOutcome } from '../src/payment/record-outcome';
import { RefundPayment } from '../src/payment/refund-payment';
import { CheckPayment } from '../src/recovery/check-payment';

/** Two that want one payment, in both orders: one holds it, the other one waits. */
describe('two at one payment', () => {
  let service: TestService;
  let payments: PaymentsStore;
  let captured: Listener<PaymentCaptured>;
  let declined: Listener<PaymentDeclined>;
  let refunded: Listener<PaymentRefunded>;

  beforeAll(async () => {
    const env = { GATEWAY: 'sandbox', SANDBOX_LATENCY_MS: '0', SWEEP_EVERY_MS: '3600000' };
    service = await testService(PaymentsModule, env);
    payments = service.app.get(PaymentsStore);
    [captured, declined, refunded] = await Promise.all([
      service.broker.listen(PaymentCaptured),
      service.broker.listen(PaymentDeclined),
      service.broker.listen(PaymentRefunded),
    ]);
  });
  afterAll(async () => service.stop());

  const asked = (): NewPayment => ({
    id: randomUUID(),
    orderId: randomUUID(),
    currency: 'USD',
    amount: 4_990,
    paymentToken: 'tok_approve',
  });

  /** Pending, and nothing is on its way for it. */
  async function open(): Promise<Payment> {
    const payment = asked();
    await service.db.transaction(async (tx) => payments.open(tx, [payment]));
    return (await payments.find(payment.id)) as Payment;
  }

  const takeMoney = async (payment: Payment) =>
    service.app.get(PaymentGateway).charge(chargeOf(payment));

  const capture = (payment: Payment) => async (tx: Parameters<PaymentsStore['lock']>[0]) =>
    service.app.get(RecordOutcome).record(tx, payment, { outcome: 'approved' });

  const cancel = async ({ orderId }: { orderId: string }) =>
    service.app.get(CancelPayment).run({ orderId, reason: 'changed my mind' });

  const timeOut = async (payment: Payment) =>
    service.app.get(CheckPayment).run({ ...payment, isOverdue: true });

  const calls = async ({ id }: Pick<Payment, 'id'>): Promise<string[]> => {
    const view = await service.app.get(PaymentViewsStore).find(id);
    return (view?.attempts ?? []).map(({ operation, outcome }) => `${operation} ${outcome}`);
  };

  async function becomes({ id }: Pick<Payment, 'id'>, status: PaymentStatus): Promise<void> {
    await eventually(async () => expect((await payments.find(id))?.status).toBe(status));
  }

  /** Every event about the payment, once all that was sent is out. */
  async function said({ orderId }: Payment): Promise<string[]> {
    await eventually(async () => {
      const text = 'SELECT FROM outbox';
      expect(await service.db.query({ name: 'test-outbox', text })).toEqual([]);
    });
    const heard = Object.entries({ captured, declined, refunded }).flatMap(([name, { messages }]) =>
      messages.filter(({ body }) => body.orderId === orderId).map(() => name),
    );
    return heard.sort();
  }

  it('a time-out that waits for a capture voids nothing', async () => {
    const payment = await open();
    await inTurn(service.db, capture(payment), () => timeOut(payment));
    await becomes(payment, 'captured');
    expect(await said(payment)).toEqual(['captured']);
    expect(await calls(payment)).toEqual(['charge approved']);
    const leaving = service.db.transaction(async (tx) =>
      payments.leave(tx, payment.id, 'pending', 'void_pending'),
    );
    expect(await leaving).toBe(false);
  });

  it('a time-out that waits for a cancellation gives nothing back a second time', async () => {
    const [payment, later] = [await open(), await open()];
    await inTurn(
      service.db,
      (tx) => payments.leave(tx, payment.id, 'pending', 'cancelled'),
      () => timeOut(payment),
    );
    await cancel(later);
    await eventually(async () => expect(await calls(later)).toEqual(['refund nothing_taken']));
    expect(await calls(payment)).toEqual([]);
  });

  it('a capture that waits for a time-out captures nothing', async () => {
    const payment = await open();
    await inTurn(
      service.db,
      (tx) => payments.leave(tx, payment.id, 'pending', 'void_pending'),
      () => service.app.get(RecordOutcome).run(payment, { outcome: 'approved' }),
    );
    await becomes(payment, 'void_pending');
    expect(await said(payment)).toEqual([]);
    expect(await calls(payment)).toEqual([]);
  });

  it('a cancellation that waits for a capture gives the money back', async () => {
    const payment = await open();
    await takeMoney(payment);
    await inTurn(service.db, capture(payment), () => cancel(payment));
    await becomes(payment, 'refunded');
    expect(await payments.find(payment.id)).toMatchObject({ declineReason: null });
    await eventually(async () => expect(await said(payment)).toEqual(['captured', 'refunded']));
    expect(await calls(payment)).toEqual(['charge approved', 'refund approved']);
  });

  it('a capture that waits for a cancellation gives the money back', async () => {
    const payment = await open();
    await takeMoney(payment);
    const { id, orderId, currency, amount } = payment;
    const callback = {
      type: 'charge.approved',
      data: { paymentId: id, currency, amount },
    } as const;
    await inTurn(
      service.db,
      async (tx) => {
        await payments.cancelOrder(tx, orderId, 'changed my mind');
        await payments.leave(tx, id, 'pending', 'cancelled');
      },
      () => service.app.get(ApplyGatewayResult).run(randomUUID(), callback),
    );
    await eventually(async () => expect(await calls(payment)).toEqual(['refund approved']));
    await becomes(payment, 'cancelled');
    expect(await said(payment)).toEqual([]);
  });

  it('a sale that waits for its cancellation opens a payment that is cancelled', async () => {
    const { orderId, amount: total } = asked();
    const none = [undefined, undefined, undefined, undefined] as const;
    const message = new Message(randomUUID(), 'sale-finalized', 'q', 1, 6, ...none, false);
    const sale = { orderId, currency: 'USD', total } as SaleFinalized;
    await inTurn(
      service.db,
      async (tx) => {
        await lockIds(tx, [orderId]);
        await payments.cancelOrder(tx, orderId, 'changed my mind');
      },
      () => service.app.get(OpenPayments).run([{ body: sale, message }]),
    );
    const payment = (await payments.ofOrder(orderId)) as Payment;
    expect(payment.status).toBe('cancelled');
    // There is nothing to look for at the gateway.
    const text = 'SELECT checked_at FROM payments WHERE id = $1';
    const looked = await service.db.query({ name: 'test-checked', text }, [payment.id]);
    expect(looked).toEqual([{ checked_at: null }]);
    expect(await said(payment)).toEqual([]);
    expect(await calls(payment)).toEqual([]);
  });

  it('what is opened as cancelled is not to be charged', async () => {
    const [payment, other] = [asked(), asked()];
    const toCharge = await service.db.transaction(async (tx) => {
      await payments.cancelOrder(tx, payment.orderId, 'changed my mind');
      return payments.open(tx, [payment, other]);
    });
    expect([...toCharge]).toEqual([other.id]);
  });

  it('a cancellation that waits for its sale cancels the payment', async () => {
    const payment = asked();
    await inTurn(
      service.db,
      async (tx) => {
        await lockIds(tx, [payment.orderId]);
        await payments.open(tx, [payment]);
      },
      () => cancel(payment),
    );
    await becomes(payment, 'cancelled');
  });

  it('a copy of a cancellation that waits for the first one changes nothing', async () => {
    const payment = await open();
    await inTurn(
      service.db,
      (tx) => payments.cancelOrder(tx, payment.orderId, 'changed my mind'),
      () => cancel(payment),
    );
    expect((await payments.find(payment.id))?.status).toBe('pending');
  });

  it('a refund that waits for the same one is made and said once', async () => {
    const payment = await open();
    await takeMoney(payment);
    await service.db.transaction(capture(payment));
    await service.db.transaction((tx) =>
      payments.leave(tx, payment.id, 'captured', 'refund_pending'),
    );
    const call = { operation: 'refund', outcome: 'approved' } as const;
    const move: Move = { id: payment.id, from: 'refund_pending', to: 'refunded', call };
    await inTurn(
      service.db,
      (tx) => payments.moveEach(tx, [move]),
      () => service.app.get(RefundPayment).run({ paymentId: payment.id }),
    );
    await becomes(payment, 'refunded');
    expect(await calls(payment)).toEqual(['charge approved', 'refund approved']);
    expect(await said(payment)).toEqual(['captured']);
  });

  it('of several moves in one statement each follows the one before', async () => {
    const { id } = await open();
    const step = (to: PaymentStatus, outcome: Move['call']['outcome']): Move => {
      return { id, from: 'pending', to, call: { operation: 'charge', outcome } };
    };
    const moves = [
      step('pending', 'timed_out'),
      step('pending', 'unavailable'),
      step('captured', 'approved'),
      step('declined', 'declined'),
    ];
    const moved = await service.db.transaction((tx) => payments.moveEach(tx, moves));
    expect(moved).toEqual([true, true, true, false]);
    const expected = ['charge timed_out', 'charge unavailable', 'charge approved'];
    expect(await calls({ id })).toEqual(expected);
    await becomes({ id }, 'captured');
  });

  it('a refund gives back only what is to go back', async () => {
    const refund = async (paymentId: string) => service.app.get(RefundPayment).run({ paymentId });
    const payment = await open();
    await takeMoney(payment);
    await refund(payment.id);
    await service.db.transaction(capture(payment));
    await refund(payment.id);
    expect(await service.app.get(PaymentGateway).find(payment.id)).toEqual({
      outcome: 'approved',
      refunded: false,
    });
    const unknown = { name: 'Rejected', code: 'payment_unknown' };
    await expect(refund(randomUUID())).rejects.toMatchObject(unknown);
  });

  it('a cancellation leaves a payment that took no money as it is', async () => {
    const payment = await open();
    const result = { outcome: 'declined', reason: 'card_declined' } as const;
    await service.app.get(RecordOutcome).run(payment, result);
    await cancel(payment);
    await becomes(payment, 'declined');
    expect(await calls(payment)).toEqual(['charge declined']);
  });

  it('workers with the same payments in other orders never wait in a ring', async () => {
    const both = [asked(), asked()].sort((a, b) => (a.id < b.id ? 1 : -1));
    const [high, low] = both as [NewPayment, NewPayment];
    // The later id lies before the other one in the table, too.
    for (const one of both) await service.db.transaction((tx) => payments.open(tx, [one]));
    const moves = [high, low].map(({ id }): Move => {
      const call = { operation: 'charge', outcome: 'approved' } as const;
      return { id, from: 'pending', to: 'captured', call };
    });
    const moved = await inTurn(
      service.db,
      (tx) => payments.lock(tx, low.id),
      () => service.db.transaction((tx) => payments.moveEach(tx, moves)),
      (tx) => payments.lock(tx, high.id),
    );
    expect(moved).toEqual([true, true]);
  });
});
