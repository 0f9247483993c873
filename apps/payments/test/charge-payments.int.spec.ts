import { ChargePayment, PaymentCaptured, PaymentDeclined } from '@tradepost/contracts';
import { Db } from '@tradepost/database';
import {
  createTestDatabase,
  eventually,
  type Listener,
  TestBroker,
  type TestDatabase,
  testServer,
  type TestServer,
} from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { ChargePayment as ChargePaymentUseCase } from '../src/payment/charge-payment';
import type { PaymentStatus } from '../src/payment/payment';
import type { PaymentView } from '../src/payment/payment-views.store';
import { PaymentsModule } from '../src/payments.module';
import { receivedOf } from './charge';
import { ProviderStandIn } from './provider-stand-in';

interface Open {
  paymentId: string;
  orderId: string;
}

describe('charges of many payments', () => {
  let broker: TestBroker;
  let database: TestDatabase;
  /** For what the service itself may not do. */
  let owner: Db;
  let replicas: TestServer[];
  let captured: Listener<PaymentCaptured>;
  let declined: Listener<PaymentDeclined>;

  beforeAll(async () => {
    broker = await TestBroker.create();
    database = await createTestDatabase('payments');
    owner = new Db({ url: database.url, poolMax: 2 });
    const sandbox = { GATEWAY: 'sandbox', GATEWAY_TIMEOUT_MS: '300', SANDBOX_LATENCY_MS: '20' };
    replicas = [await replica(sandbox), await replica(sandbox)];
    captured = await broker.listen(PaymentCaptured);
    declined = await broker.listen(PaymentDeclined);
  });

  afterAll(async () => {
    await Promise.all(replicas.map(async (one) => one.stop()));
    await owner.close();
    await database.drop();
    await broker.close();
  });

  async function replica(env: Record<string, string>): Promise<TestServer> {
    return testServer(PaymentsModule, { AMQP_URL: broker.amqpUrl, ...env }, database);
  }

  /** Without a command to charge it. */
  async function open(paymentToken: string, status: PaymentStatus = 'pending'): Promise<Open> {
    const [paymentId, orderId] = [randomUUID(), randomUUID()];
    const text = `INSERT INTO payments (id, order_id, currency, amount, payment_token, status)
                  VALUES ($1, $2, 'USD', 4990, $3, $4)`;
    await owner.query({ name: 'test-open', text }, [paymentId, orderId, paymentToken, status]);
    return { paymentId, orderId };
  }

  const openMany = async (count: number, token: string) =>
    Promise.all(Array.from({ length: count }, async () => open(token)));

  /** As the handler does with one batch. */
  async function charge(
    payments: { paymentId: string }[],
    at = replicas[0],
  ): Promise<(Error | undefined)[]> {
    if (at === undefined) throw new Error('no replica runs');
    return at.app.get(ChargePaymentUseCase).runEach(payments.map(receivedOf));
  }

  async function view({ paymentId }: Open): Promise<PaymentView> {
    const response = await fetch(`${replicas[0]?.url}/v1/payments/${paymentId}`);
    return (await response.json()) as PaymentView;
  }

  async function outcomesOf(payment: Open): Promise<string[]> {
    return (await view(payment)).attempts.map(({ outcome }) => outcome);
  }

  async function movementsOf(payments: Open[]): Promise<number> {
    const text = 'SELECT FROM sandbox_movements WHERE payment_id = ANY ($1)';
    const ids = payments.map(({ paymentId }) => paymentId);
    return (await owner.query({ name: 'test-moved', text }, [ids])).length;
  }

  function saidOf<B extends { paymentId: string }>(listener: Listener<B>, payments: Open[]): B[] {
    const ids = new Set(payments.map(({ paymentId }) => paymentId));
    return listener.messages.map(({ body }) => body).filter(({ paymentId }) => ids.has(paymentId));
  }

  const everythingIsSent = async () =>
    eventually(async () => {
      const text = 'SELECT FROM outbox';
      expect(await owner.query({ name: 'test-outbox', text })).toEqual([]);
    });

  it('each end as they do alone', async () => {
    const [late, refused, cancelled, approved] = await Promise.all([
      open('tok_timeout'),
      open('tok_decline'),
      open('tok_approve', 'cancelled'),
      open('tok_approve'),
    ]);
    const unknown = { paymentId: randomUUID() };
    expect(await charge([late, refused, unknown, cancelled, approved])).toEqual([
      expect.objectContaining({ name: 'GatewayTimeout', paymentId: late.paymentId }),
      undefined,
      expect.objectContaining({ name: 'Rejected', code: 'payment_unknown' }),
      undefined,
      undefined,
    ]);
    expect(await outcomesOf(late)).toEqual(['timed_out']);
    expect(await view(late)).toMatchObject({ status: 'pending' });
    expect(await view(refused)).toMatchObject({
      status: 'declined',
      declineReason: 'card_declined',
      attempts: [{ outcome: 'declined' }],
    });
    expect(await view(cancelled)).toMatchObject({ status: 'cancelled', attempts: [] });
    expect(await view(approved)).toMatchObject({ status: 'captured' });
    expect(await outcomesOf(approved)).toEqual(['approved']);
    expect(await movementsOf([late, refused, cancelled, approved])).toBe(1);
    await eventually(() => {
      expect(saidOf(captured, [approved])).toHaveLength(1);
      expect(saidOf(declined, [refused])).toHaveLength(1);
    });
    expect(saidOf(captured, [late, refused, cancelled])).toEqual([]);
  });

  it('take the money once of copies in one batch', async () => {
    const payment = await open('tok_approve');
    const again = await open('tok_timeout_once');
    const errors = await charge([payment, payment, again, payment, again]);
    expect(errors.filter((error) => error !== undefined)).toHaveLength(1);
    expect(await outcomesOf(payment)).toEqual(['approved']);
    await eventually(async () => {
      expect(await view(again)).toMatchObject({ status: 'captured' });
      expect(saidOf(captured, [payment, again])).toHaveLength(2);
    });
    expect(await movementsOf([payment, again])).toBe(2);
  });

  it('take the money once when two replicas charge the same payments at the same time', async () => {
    const payments = await openMany(24, 'tok_approve');
    const [here, there] = replicas;
    const turned = [...payments].reverse();
    const errors = await Promise.all([
      charge(payments, here),
      charge(turned, there),
      charge(turned, here),
    ]);
    expect(errors.flat().filter((error) => error !== undefined)).toEqual([]);
    for (const payment of payments) {
      expect(await view(payment)).toMatchObject({ status: 'captured' });
      expect(await outcomesOf(payment)).toEqual(['approved']);
    }
    expect(await movementsOf(payments)).toBe(24);
    await everythingIsSent();
    await eventually(() => expect(saidOf(captured, payments)).toHaveLength(24));
  });

  it('are recorded but for the one whose record fails, which is recorded later', async () => {
    const payments = await openMany(6, 'tok_approve');
    const poison = payments[2] as Open;
    await owner.query({
      name: 'test-refuse',
      text: `ALTER TABLE payment_attempts
               ADD CONSTRAINT refuse CHECK (payment_id <> '${poison.paymentId}')`,
    });
    const errors = await charge(payments);
    expect(errors.map((error) => error !== undefined)).toEqual(
      payments.map((payment) => payment === poison),
    );
    for (const payment of payments) {
      const status = payment === poison ? 'pending' : 'captured';
      expect(await view(payment)).toMatchObject({ status });
    }
    const mend = 'ALTER TABLE payment_attempts DROP CONSTRAINT refuse';
    await owner.query({ name: 'test-mend', text: mend });
    expect(await charge([poison])).toEqual([undefined]);
    expect(await outcomesOf(poison)).toEqual(['approved']);
    expect(await movementsOf(payments)).toBe(6);
    await eventually(() => expect(saidOf(captured, payments)).toHaveLength(6));
  });

  it('go on after more calls than there are lanes for got no response', async () => {
    const late = await openMany(150, 'tok_timeout_once');
    const prompt = await openMany(20, 'tok_approve');
    for (const { paymentId } of [...late, ...prompt]) {
      await broker.publish(ChargePayment, { paymentId });
    }
    await eventually(() => expect(saidOf(captured, [...late, ...prompt])).toHaveLength(170), {
      withinMs: 30_000,
    });
    expect(await movementsOf([...late, ...prompt])).toBe(170);
    expect(await broker.allDeadLetters()).toEqual({});
  });

  describe('at a provider', () => {
    let provider: ProviderStandIn;
    let other: TestServer;

    beforeAll(async () => {
      provider = await ProviderStandIn.open();
      const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
      const gateway = { GATEWAY_URL: provider.url, GATEWAY_CALLBACK_SECRET: secret };
      other = await replica({ ...gateway, GATEWAY_TIMEOUT_MS: '60000' });
    });

    afterAll(async () => {
      await other.stop();
      await provider.close();
    });

    it('are recorded as soon as each is there: a slow one delays itself alone', async () => {
      let answer = (): void => undefined;
      const answered = new Promise<void>((resolve) => (answer = resolve));
      provider.script = async (_, body) => {
        if (body.includes('slow')) await answered;
        return { status: 200, body: { outcome: 'approved' } };
      };
      const [slow, quick] = [await open('slow'), await open('quick')];
      const charging = charge([slow, quick], other);
      try {
        await eventually(async () =>
          expect(await view(quick)).toMatchObject({ status: 'captured' }),
        );
        expect(await view(slow)).toMatchObject({ status: 'pending' });
      } finally {
        answer();
      }
      expect(await charging).toEqual([undefined, undefined]);
      expect(await view(slow)).toMatchObject({ status: 'captured' });
    });

    it('that the gateway cannot answer are recorded, those that it refuses are not', async () => {
      provider.script = (_, body) => ({ status: body.includes('away') ? 503 : 422 });
      const [away, refused] = [await open('away'), await open('refused')];
      expect(await charge([away, refused], other)).toEqual([
        expect.objectContaining({ name: 'GatewayUnavailable', paymentId: away.paymentId }),
        expect.objectContaining({ name: 'Rejected', code: 'gateway_refused' }),
      ]);
      expect(await view(away)).toMatchObject({ status: 'pending' });
      expect(await outcomesOf(away)).toEqual(['unavailable']);
      expect(await view(refused)).toMatchObject({ status: 'pending', attempts: [] });
    });
  });
});
