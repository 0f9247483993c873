import { OrderCancelled, PaymentCaptured, PaymentDeclined } from '@tradepost/contracts';
import { eventually, type Listener, testService, type TestService } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { PaymentView } from '../src/payment/payment-views.store';
import { PaymentsModule } from '../src/payments.module';
import { ProviderStandIn } from './provider-stand-in';

const secret = `whsec_${Buffer.from('a secret of thirty-two bytes ...').toString('base64')}`;

describe('OWASP API10 upstream: POST /v1/gateway-callbacks', () => {
  let provider: ProviderStandIn;
  let service: TestService;
  let captured: Listener<PaymentCaptured>;
  let declined: Listener<PaymentDeclined>;

  beforeAll(async () => {
    provider = await ProviderStandIn.open();
    service = await testService(PaymentsModule, {
      GATEWAY_URL: provider.url,
      GATEWAY_CALLBACK_SECRET: secret,
      WORKER_ID: 'worker-1',
    });
    captured = await service.broker.listen(PaymentCaptured);
    declined = await service.broker.listen(PaymentDeclined);
  });

  afterAll(async () => {
    await service.stop();
    await provider.close();
  });

  beforeEach(() => provider.answer(202, { outcome: 'pending' }));

  interface Told {
    type?: string;
    id?: string;
    at?: Date;
    data?: object;
    signedWith?: string;
    tampered?: string;
    /** The whole body. */
    text?: string;
  }

  async function tell(
    paymentId: string,
    told: Told = {},
  ): Promise<{ status: number; type?: string }> {
    const { type = 'charge.approved', id = randomUUID(), at = new Date(), data } = told;
    const charge = { paymentId, currency: 'USD', amount: 4_990, ...data };
    // No field is in the order in which this side would write it, and one is new to it.
    const ours = `{ "data": ${JSON.stringify(charge)},\n"type": "${type}", "livemode": false }`;
    const { text = ours } = told;
    const response = await fetch(`${service.url}/v1/gateway-callbacks`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
        'webhook-signature': new Webhook(told.signedWith ?? secret).sign(id, at, text),
      },
      body: told.tampered ?? text,
    });
    const body = await response.text();
    return { status: response.status, ...(body && { type: JSON.parse(body).type }) };
  }

  async function open(status = 'pending'): Promise<{ paymentId: string; orderId: string }> {
    const [paymentId, orderId] = [randomUUID(), randomUUID()];
    const text = `INSERT INTO payments (id, order_id, currency, amount, status)
                  VALUES ($1, $2, 'USD', 4990, $3)`;
    await service.db.query({ name: 'test-open', text }, [paymentId, orderId, status]);
    return { paymentId, orderId };
  }

  async function payment(paymentId: string): Promise<PaymentView> {
    const response = await fetch(`${service.url}/v1/payments/${paymentId}`);
    return (await response.json()) as PaymentView;
  }

  const saidOf = <B extends { orderId: string }>(listener: Listener<B>, orderId: string): B[] =>
    listener.messages.map(({ body }) => body).filter((body) => body.orderId === orderId);

  it('captures a pending payment, and says so', async () => {
    const { paymentId, orderId } = await open();
    expect(await tell(paymentId)).toEqual({ status: 204 });
    expect(await payment(paymentId)).toMatchObject({
      status: 'captured',
      attempts: [{ operation: 'charge', outcome: 'approved', worker: 'worker-1' }],
    });
    const facts = { paymentId, orderId, currency: 'USD', amount: 4_990 };
    await eventually(() => expect(saidOf(captured, orderId)).toEqual([facts]));
  });

  it('declines a pending payment, with the reason', async () => {
    const { paymentId, orderId } = await open();
    const data = { reason: 'card_declined' };
    expect(await tell(paymentId, { type: 'charge.declined', data })).toEqual({ status: 204 });
    expect(await payment(paymentId)).toMatchObject({
      status: 'declined',
      declineReason: 'card_declined',
    });
    await eventually(() => expect(saidOf(declined, orderId)).toMatchObject([data]));
  });

  it('does once what is told twenty times at the same time', async () => {
    const { paymentId, orderId } = await open();
    const id = randomUUID();
    const answers = await Promise.all(Array.from({ length: 20 }, () => tell(paymentId, { id })));
    expect(answers).toEqual(Array(20).fill({ status: 204 }));
    expect((await payment(paymentId)).attempts).toHaveLength(1);
    await eventually(() => expect(saidOf(captured, orderId)).toHaveLength(1));
  });

  it('knows a copy by its id alone', async () => {
    const { paymentId } = await open();
    const id = randomUUID();
    await tell(paymentId, { id, type: 'charge.pending' });
    await tell(paymentId, { id, type: 'charge.approved' });
    expect(await payment(paymentId)).toMatchObject({ status: 'pending' });
  });

  it.each([
    ['captured', 'charge.declined'],
    ['captured', 'charge.approved'],
    ['captured', 'charge.pending'],
    ['declined', 'charge.approved'],
    ['declined', 'charge.pending'],
    ['refunded', 'charge.approved'],
    ['cancelled', 'charge.declined'],
    ['pending', 'charge.pending'],
    ['pending', 'charge.disputed'],
  ])('of a payment that is %s takes %s, and changes nothing', async (status, type) => {
    const { paymentId } = await open(status);
    provider.asked = 0;
    expect(await tell(paymentId, { type })).toEqual({ status: 204 });
    expect(await payment(paymentId)).toMatchObject({ status, attempts: [] });
    expect(provider.asked).toBe(0);
  });

  it('gives back what was captured for a payment that is cancelled', async () => {
    const { paymentId, orderId } = await open('cancelled');
    provider.script = ({ url }) => ({
      status: 200,
      body: { outcome: url === '/v1/refunds' ? 'approved' : '' },
    });
    expect(await tell(paymentId)).toEqual({ status: 204 });
    await eventually(async () => {
      const refund = { operation: 'refund', outcome: 'approved' };
      expect(await payment(paymentId)).toMatchObject({ status: 'cancelled', attempts: [refund] });
    });
    expect(saidOf(captured, orderId)).toEqual([]);
  });

  it('leaves no money with anybody when a capture and a cancellation come together', async () => {
    provider.answer(200, { outcome: 'approved' });
    const payments = await Promise.all(Array.from({ length: 20 }, () => open()));
    await Promise.all(
      payments.flatMap(({ paymentId, orderId }) => [
        service.broker.publish(OrderCancelled, { orderId, reason: 'changed my mind' }),
        tell(paymentId),
      ]),
    );
    await eventually(async () => {
      const views = await Promise.all(payments.map(({ paymentId }) => payment(paymentId)));
      const isBack = (view: PaymentView) =>
        view.attempts.some(
          ({ operation, outcome }) => operation === 'refund' && outcome === 'approved',
        );
      expect(
        views.map(({ status }) => status).filter((s) => !/^(cancelled|refunded)$/.test(s)),
      ).toEqual([]);
      expect(views.every(isBack)).toBe(true);
    });
  });

  it.each<[string, Told]>([
    [
      'was signed with another secret',
      { signedWith: `whsec_${Buffer.alloc(32, 7).toString('base64')}` },
    ],
    ['was changed on its way', { tampered: '{"type":"charge.approved","data":{}}' }],
    ['is six minutes old', { at: new Date(Date.now() - 360_000) }],
    ['comes from the future', { at: new Date(Date.now() + 360_000) }],
  ])('refuses what %s', async (_, told) => {
    const { paymentId } = await open();
    const type = 'https://tradepost.dev/problems/callback-not-signed';
    expect(await tell(paymentId, told)).toEqual({ status: 401, type });
    expect(await payment(paymentId)).toMatchObject({ status: 'pending' });
  });

  it('refuses what is larger than a callback is, signed or not', async () => {
    const { paymentId } = await open();
    const data = { note: 'x'.repeat(200_000) };
    const type = 'https://tradepost.dev/problems/payload-too-large';
    expect(await tell(paymentId, { data })).toEqual({ status: 413, type });
    expect(await payment(paymentId)).toMatchObject({ status: 'pending', attempts: [] });
  });

  it('takes an id of up to 200 characters', async () => {
    const { paymentId } = await open();
    const long = 'x'.repeat(200);
    expect(await tell(paymentId, { id: `${long}x` })).toMatchObject({ status: 401 });
    expect(await payment(paymentId)).toMatchObject({ status: 'pending' });
    expect(await tell(paymentId, { id: long })).toEqual({ status: 204 });
  });

  it('refuses what is not signed at all', async () => {
    const headers = { 'content-type': 'application/json' };
    const url = `${service.url}/v1/gateway-callbacks`;
    const response = await fetch(url, { method: 'POST', headers, body: '{}' });
    expect(response.status).toBe(401);
  });

  it('is refused for an unknown payment, and for another amount', async () => {
    const [paymentId, id] = [randomUUID(), randomUUID()];
    expect(await tell(paymentId, { id })).toMatchObject({ status: 404 });
    const text = `INSERT INTO payments (id, order_id, currency, amount, status)
                  VALUES ($1, $1, 'USD', 4990, 'pending')`;
    await service.db.query({ name: 'test-late', text }, [paymentId]);
    expect(await tell(paymentId, { data: { amount: 1 } })).toMatchObject({ status: 409 });
    expect(await tell(paymentId, { data: { currency: 'EUR' } })).toMatchObject({ status: 409 });
    expect(await tell(paymentId, { id })).toEqual({ status: 204 });
    expect(await payment(paymentId)).toMatchObject({ status: 'captured' });
  });

  it.each([[{ amount: 'much' }], [{ paymentId: 7 }], [{ currency: 'money' }]])(
    'does not take %o for a charge',
    async (data) => {
      expect(await tell(randomUUID(), { data })).toMatchObject({ status: 400 });
    },
  );

  it.each([
    '{"type":"payout.paid","data":{"payoutId":"po_1"}}',
    '{"type":"ping"}',
    '{"type":"charge.dispute.created","data":[]}',
    '\uFEFF{"type":"ping","data":null}',
  ])('takes what is about something else, signed: %s', async (text) => {
    expect(await tell('', { text })).toEqual({ status: 204 });
    const other = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    expect(await tell('', { text, signedWith: other })).toMatchObject({ status: 401 });
  });

  it.each([
    '',
    '{}',
    '[]',
    'null',
    '"charge.approved"',
    '{"type":7}',
    '{"type":"charge.approved"}',
    '{"type":"charge.declined","data":[]}',
    `{"type":"charge.pending","data":{"paymentId":"${'x'.repeat(40)}"}}`,
  ])('refuses what has no form, though it is signed: %j', async (text) => {
    expect(await tell('', { text })).toMatchObject({ status: 400 });
  });

  it('is signed with its byte order mark, and names a payment in any case', async () => {
    const { paymentId } = await open();
    const charge = { paymentId: paymentId.toUpperCase(), currency: 'USD', amount: 4_990 };
    const text = `\uFEFF${JSON.stringify({ type: 'charge.approved', data: charge })}`;
    expect(await tell('', { text })).toEqual({ status: 204 });
    expect(await payment(paymentId)).toMatchObject({ status: 'captured' });
  });

  it.each([
    ['\0', '\uFFFD'],
    ['x'.repeat(300), 'x'.repeat(200)],
    ['', 'declined'],
    [7, 'declined'],
    [undefined, 'declined'],
  ])('takes a decline for what it is, whatever its reason (%j)', async (reason, expected) => {
    const { paymentId } = await open();
    const told = { type: 'charge.declined', data: { reason } };
    expect(await tell(paymentId, told)).toEqual({ status: 204 });
    expect(await payment(paymentId)).toMatchObject({ declineReason: expected });
  });

  it('is not there while the gateway is in the process, nor are books when it is not', async () => {
    expect((await fetch(`${service.url}/v1/sandbox/charges`)).status).toBe(404);
    const env = { GATEWAY: 'sandbox', GATEWAY_CALLBACK_SECRET: secret };
    const other = await testService(PaymentsModule, env);
    try {
      const headers = { 'content-type': 'application/json' };
      const url = `${other.url}/v1/gateway-callbacks`;
      expect((await fetch(url, { method: 'POST', headers, body: '{}' })).status).toBe(404);
    } finally {
      await other.stop();
    }
  });
});
