import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  OrderCancelled,
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
} from '@tradepost/contracts';
import { createService } from '@tradepost/service';
import {
  eventually,
  type Listener,
  testService,
  type TestService,
  openToAll,
} from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { chargeOf, type PaymentStatus } from '../src/payment/payment';
import { PaymentGateway } from '../src/gateway/payment-gateway';
import type { PaymentView } from '../src/payment/payment-views.store';
import { PaymentsConfig } from '../src/payments.config';
import { PaymentsModule } from '../src/payments.module';
import { PaymentsStore } from '../src/payment/payments.store';
import { RefundPayment } from '../src/payment/refund-payment';
import { SweepPayments } from '../src/recovery/sweep-payments';
import { charge } from './charge';

const never = '3600000';

describe('unsettled payments', () => {
  let service: TestService;
  let captured: Listener<PaymentCaptured>;
  let declined: Listener<PaymentDeclined>;
  let refunded: Listener<PaymentRefunded>;
  const replicas = new Set<NestFastifyApplication>();

  beforeAll(async () => {
    const env = {
      GATEWAY: 'sandbox',
      SWEEP_EVERY_MS: never,
      GATEWAY_TIMEOUT_MS: '300',
      SANDBOX_LATENCY_MS: '100',
    };
    service = await testService(PaymentsModule, env);
    [captured, declined, refunded] = await Promise.all([
      service.broker.listen(PaymentCaptured),
      service.broker.listen(PaymentDeclined),
      service.broker.listen(PaymentRefunded),
    ]);
  });
  afterAll(async () => {
    await Promise.all([...replicas].map(async (app) => app.close()));
    await service.stop();
  });

  /** Another process of payments, on the same database. */
  async function replica(env: Record<string, string>): Promise<NestFastifyApplication> {
    const { POSTGRES_URL, AMQP_URL } = service.app.get(PaymentsConfig);
    const given = { GATEWAY: 'sandbox', POSTGRES_URL, AMQP_URL, POSTGRES_POOL_MAX: '5' };
    const app = await createService(PaymentsModule, {
      ...openToAll,
      ...given,
      LOG_LEVEL: 'critical',
      ...env,
    });
    replicas.add(app);
    return app.init();
  }

  interface Open {
    paymentId: string;
    orderId: string;
  }

  /** A payment whose command to charge it was lost. */
  async function open(paymentToken: string, status: PaymentStatus = 'pending'): Promise<Open> {
    const [paymentId, orderId] = [randomUUID(), randomUUID()];
    const text = `INSERT INTO payments
                    (id, order_id, currency, amount, payment_token, status, checked_at)
                  VALUES ($1, $2, 'USD', 4990, $3, $4, CASE WHEN $5 THEN now() END)`;
    const values = [paymentId, orderId, paymentToken, status, status === 'pending'];
    await service.db.query({ name: 'test-open', text }, values);
    return { paymentId, orderId };
  }

  /** The gateway has the charge; its response to payments was lost. */
  async function takes({ paymentId }: Open): Promise<void> {
    const payment = await service.app.get(PaymentsStore).find(paymentId);
    if (!payment) throw new Error(`there is no payment ${paymentId}`);
    await service.app
      .get(PaymentGateway)
      .charge(chargeOf(payment))
      .catch(() => undefined);
  }

  /** The charge is pending at the gateway until after the test. */
  async function chargePends({ paymentId }: Open): Promise<void> {
    const text = `INSERT INTO sandbox_charges
                    (payment_id, currency, amount, outcome, calls, settles_as, settles_at)
                  VALUES ($1, 'USD', 4990, 'pending', 1, 'approved', now() + interval '1 hour')`;
    await service.db.query({ name: 'test-pends', text }, [paymentId]);
  }

  const sweep = async (app = service.app) => app.get(SweepPayments).run();

  /** As if it had not changed for `minutes`, since it was opened. */
  async function waits(minutes: number, ...payments: Open[]): Promise<void> {
    const ids = payments.map(({ paymentId }) => paymentId);
    const text = `UPDATE payments SET checked_at = now() - $2 * interval '1 minute',
                    created_at = now() - $2 * interval '1 minute'
                  WHERE id = ANY ($1) AND checked_at IS NOT NULL`;
    await service.db.query({ name: 'test-waits', text }, [ids, minutes]);
  }
  const [some, tooMany] = [2, 11];

  async function view({ paymentId }: Open): Promise<PaymentView> {
    const response = await fetch(`${service.url}/v1/payments/${paymentId}`);
    return (await response.json()) as PaymentView;
  }

  async function becomes(payment: Open, status: PaymentStatus): Promise<PaymentView> {
    return eventually(async () => {
      const now = await view(payment);
      expect(now.status).toBe(status);
      return now;
    });
  }

  /** What moved at the gateway, oldest first. */
  async function movementsOf({ paymentId }: Open): Promise<string[]> {
    const text = 'SELECT kind FROM sandbox_movements WHERE payment_id = $1 ORDER BY id';
    const rows = await service.db.query<{ kind: string }>({ name: 'test-moved', text }, [
      paymentId,
    ]);
    return rows.map(({ kind }) => kind);
  }

  async function isUnsettled({ paymentId }: Open): Promise<boolean> {
    const text = 'SELECT FROM payments WHERE id = $1 AND checked_at IS NOT NULL';
    const rows = await service.db.query({ name: 'test-unsettled', text }, [paymentId]);
    return rows.length > 0;
  }

  function saidOf<B extends { orderId: string }>(listener: Listener<B>, { orderId }: Open): B[] {
    return listener.messages.map(({ body }) => body).filter((body) => body.orderId === orderId);
  }

  const allSaid = async () =>
    eventually(async () => {
      const text = 'SELECT FROM outbox';
      expect(await service.db.query({ name: 'test-outbox', text })).toEqual([]);
    });

  it('pending, and the gateway took the money: captured, and sent once', async () => {
    const payment = await open('tok_timeout_once');
    await expect(charge(service.app, payment)).rejects.toThrow('no response');
    expect(await sweep()).toBe(0);
    await waits(some, payment);
    expect(await sweep()).toBe(1);
    await becomes(payment, 'captured');
    await eventually(() => expect(saidOf(captured, payment)).toHaveLength(1));
    expect(await movementsOf(payment)).toEqual(['capture']);
  });

  it('pending, and the gateway had declined it: declined, with its reason', async () => {
    const payment = await open('tok_decline');
    await takes(payment);
    await waits(some, payment);
    await sweep();
    expect(await becomes(payment, 'declined')).toMatchObject({ declineReason: 'card_declined' });
    await eventually(() => expect(saidOf(declined, payment)).toHaveLength(1));
  });

  it('pending, and the gateway has no charge of it: charged', async () => {
    const payment = await open('tok_approve');
    await waits(some, payment);
    await sweep();
    await becomes(payment, 'captured');
    expect(await movementsOf(payment)).toEqual(['capture']);
  });

  it('pending at the gateway, too: left alone until its time is over, then made void', async () => {
    const [payment, lost] = [await open('tok_approve'), await open('tok_approve')];
    await chargePends(payment);
    await waits(some, payment, lost);
    await sweep();
    await becomes(lost, 'captured');
    expect(await view(payment)).toMatchObject({ status: 'pending', attempts: [] });
    const text = 'SELECT calls FROM sandbox_charges WHERE payment_id = $1';
    const asked = await service.db.query({ name: 'test-asked', text }, [payment.paymentId]);
    expect(asked).toEqual([{ calls: 1 }]);
    await waits(tooMany, payment);
    await sweep();
    expect(await becomes(payment, 'declined')).toMatchObject({
      declineReason: 'timed_out',
      attempts: [{ operation: 'refund', outcome: 'nothing_taken' }],
    });
    await eventually(() =>
      expect(saidOf(declined, payment)).toMatchObject([{ reason: 'timed_out' }]),
    );
    await takes(payment);
    expect(await movementsOf(payment)).toEqual([]);
  });

  it('pending, and the gateway took the money and gave it back: not captured', async () => {
    const payment = await open('tok_approve');
    await takes(payment);
    const charged = await service.app.get(PaymentsStore).find(payment.paymentId);
    if (charged) await service.app.get(PaymentGateway).refund(chargeOf(charged));
    await waits(some, payment);
    await sweep();
    expect(await becomes(payment, 'declined')).toMatchObject({ declineReason: 'timed_out' });
    expect(await movementsOf(payment)).toEqual(['capture', 'refund']);
  });

  it('a gateway that never responds: timed out, and a later outcome changes nothing', async () => {
    const payment = await open('tok_timeout');
    await expect(charge(service.app, payment)).rejects.toThrow('no response');
    await waits(tooMany, payment);
    await sweep();
    await becomes(payment, 'declined');
    await charge(service.app, payment);
    await service.broker.publish(OrderCancelled, { orderId: payment.orderId, reason: 'too late' });
    await allSaid();
    const { status, attempts } = await view(payment);
    expect([status, attempts.map(({ outcome }) => outcome)]).toEqual([
      'declined',
      ['timed_out', 'nothing_taken'],
    ]);
    expect(saidOf(declined, payment)).toHaveLength(1);
    expect([...saidOf(captured, payment), ...saidOf(refunded, payment)]).toEqual([]);
  });

  it('an outcome that comes while it is timed out captures nothing: the money goes back', async () => {
    const payment = await open('tok_approve');
    // Takes the money at once, and its time to say so.
    const pace = { SANDBOX_LATENCY_MS: '1500', GATEWAY_TIMEOUT_MS: '10000' };
    const slow = await replica({ SWEEP_EVERY_MS: never, ...pace });
    const charging = charge(slow, payment);
    await eventually(async () => expect(await movementsOf(payment)).toEqual(['capture']), {
      everyMs: 5,
    });
    const isTimedOut = await service.db.transaction(async (tx) =>
      service.app.get(PaymentsStore).leave(tx, payment.paymentId, 'pending', 'void_pending'),
    );
    expect(isTimedOut).toBe(true);
    await charging;
    // It is no worker in what follows.
    replicas.delete(slow);
    await slow.close();
    expect((await view(payment)).status).toBe('void_pending');
    await service.app.get(RefundPayment).run(payment);
    expect(await becomes(payment, 'declined')).toMatchObject({
      declineReason: 'timed_out',
      attempts: [{ operation: 'refund', outcome: 'approved' }],
    });
    expect(await movementsOf(payment)).toEqual(['capture', 'refund']);
    await eventually(() => expect(saidOf(declined, payment)).toHaveLength(1));
    expect(saidOf(captured, payment)).toEqual([]);
  });

  it('charged, swept and timed out all at the same time: captured or nothing', async () => {
    const tokens = ['tok_approve', 'tok_decline', 'tok_timeout_once'];
    const payments = await Promise.all(
      tokens.flatMap((token) => Array.from({ length: 8 }, async () => open(token))),
    );
    await waits(tooMany, ...payments);
    const charges = payments.map(async (payment) =>
      charge(service.app, payment).catch(() => undefined),
    );
    await Promise.all([sweep(), ...charges, sweep()]);
    for (const payment of payments) {
      const { status } = await eventually(async () => {
        const now = await view(payment);
        expect(['captured', 'declined']).toContain(now.status);
        return now;
      });
      const moved = (await movementsOf(payment)).join();
      expect(status === 'captured' ? ['capture'] : ['', 'capture,refund']).toContain(moved);
    }
    await allSaid();
    const said = payments.map((payment) => [
      ...saidOf(captured, payment),
      ...saidOf(declined, payment),
    ]);
    expect(said.every(({ length }) => length === 1)).toBe(true);
  });

  it.each([
    ['refund_pending', 'refunded'],
    ['void_pending', 'declined'],
    ['cancelled', 'cancelled'],
  ] as const)('%s, its refund lost: resent, then %s', async (status, end) => {
    const payment = await open('tok_approve');
    await takes(payment);
    await service.db.transaction(async (tx) =>
      service.app.get(PaymentsStore).leave(tx, payment.paymentId, 'pending', status),
    );
    expect(await isUnsettled(payment)).toBe(true);
    await waits(some, payment);
    await sweep();
    await eventually(async () => expect(await movementsOf(payment)).toEqual(['capture', 'refund']));
    await eventually(async () => expect(await isUnsettled(payment)).toBe(false));
    await becomes(payment, end);
    await allSaid();
    expect(saidOf(refunded, payment)).toHaveLength(end === 'refunded' ? 1 : 0);
    expect(saidOf(declined, payment)).toHaveLength(end === 'declined' ? 1 : 0);
  });

  it('what is settled is not checked', async () => {
    const settled = await Promise.all(
      (['captured', 'declined', 'refunded'] as const).map(async (status) =>
        open('tok_approve', status),
      ),
    );
    await waits(tooMany, ...settled);
    await sweep();
    expect(await Promise.all(settled.map(isUnsettled))).toEqual([false, false, false]);
    expect(await sweep()).toBe(0);
  });

  it('a gateway that is away is called again in the next round', async () => {
    const payment = await open('tok_approve');
    await waits(tooMany, payment);
    const away = { SWEEP_EVERY_MS: never, SANDBOX_LATENCY_MS: '200', GATEWAY_TIMEOUT_MS: '50' };
    const alone = await replica(away);
    expect(await sweep(alone)).toBe(1);
    expect(await sweep(alone)).toBe(0);
    expect((await view(payment)).status).toBe('pending');
    await waits(some, payment);
    await sweep();
    await becomes(payment, 'captured');
  });

  it('what stays as it is is looked into ever more rarely, and at its deadline', async () => {
    const payment = await open('tok_approve');
    await chargePends(payment);
    /** Minutes ago: nothing has happened since it was opened but a look. */
    const is = async (opened: number, looked: number): Promise<number> => {
      const text = `UPDATE payments SET checked_at = now() - $2 * interval '1 minute',
                      created_at = now() - $3 * interval '1 minute',
                      updated_at = now() - $3 * interval '1 minute' WHERE id = $1`;
      await service.db.query({ name: 'test-is', text }, [payment.paymentId, looked, opened]);
      return sweep();
    };
    expect(await is(2.9, 1.4)).toBe(0);
    expect(await is(2.9, 1.5)).toBe(1);
    expect(await is(9.8, 3.9)).toBe(0);
    expect(await is(9.8, 4.1)).toBe(1);
    expect((await view(payment)).status).toBe('pending');
    expect(await is(10.1, 1.1)).toBe(1);
    await becomes(payment, 'declined');
  });

  it('many replicas share the work: each payment is looked into by one of them', async () => {
    const payments = await Promise.all(Array.from({ length: 40 }, async () => open('tok_approve')));
    await Promise.all(payments.map(takes));
    await waits(some, ...payments);
    const other = await replica({ SWEEP_EVERY_MS: never });
    const looked = await Promise.all([sweep(), sweep(other), sweep(), sweep(other)]);
    expect(looked.reduce((sum, count) => sum + count)).toBe(40);
    for (const payment of payments) expect((await view(payment)).status).toBe('captured');
    await allSaid();
    for (const payment of payments) expect(saidOf(captured, payment)).toHaveLength(1);
  });

  it('takes no more than it was asked for, those that waited longest', async () => {
    const [newer, older] = [await open('tok_approve'), await open('tok_approve')];
    await waits(some, newer);
    await waits(some + 1, older);
    const take = async () => service.app.get(PaymentsStore).takeUnsettled(60_000, 1, 600_000);
    expect(await take()).toMatchObject([{ id: older.paymentId, isOverdue: false }]);
    expect(await take()).toMatchObject([{ id: newer.paymentId }]);
    expect(await take()).toEqual([]);
  });

  it('a payment that another transaction holds is not waited for', async () => {
    const [payment, other] = [await open('tok_approve'), await open('tok_approve')];
    await waits(some, payment, other);
    await service.db.transaction(async (tx) => {
      await service.app.get(PaymentsStore).lock(tx, payment.paymentId);
      expect(await sweep()).toBe(1);
    });
    expect(await sweep()).toBe(1);
  });

  it('a replica looks by itself, every so often, and stops', async () => {
    const payment = await open('tok_timeout');
    await replica({
      SWEEP_EVERY_MS: '50',
      PAYMENT_CHECK_AFTER_MS: '100',
      PAYMENT_DEADLINE_MS: '100',
    });
    await becomes(payment, 'declined');
  });

  it('dead-letters nothing in all of this', async () => {
    expect(await service.broker.allDeadLetters()).toEqual({});
  });
});
