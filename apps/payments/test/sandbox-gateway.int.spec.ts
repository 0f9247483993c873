import { testService, type TestService } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { PaymentGateway } from '../src/gateway/payment-gateway';
import { PaymentsModule } from '../src/payments.module';
import { charge } from './charge';

describe('payments with the gateway in its process', () => {
  let service: TestService;
  let gateway: PaymentGateway;

  beforeAll(async () => {
    const env = { GATEWAY: 'sandbox', GATEWAY_TIMEOUT_MS: '100', SANDBOX_LATENCY_MS: '5' };
    service = await testService(PaymentsModule, env);
    gateway = service.app.get(PaymentGateway);
  });

  afterAll(() => service.stop());

  const chargeOf = (paymentToken = 'tok_approve') => {
    return { paymentId: randomUUID(), currency: 'USD' as const, amount: 4_990, paymentToken };
  };

  async function read(path: string) {
    const response = await fetch(service.url + path);
    return { status: response.status, body: (await response.json()) as { items: object[] } };
  }

  it('finds a charge, and nothing of one that was never made', async () => {
    const [approved, declined, lost] = [
      chargeOf(),
      chargeOf('tok_decline'),
      chargeOf('tok_timeout_once'),
    ];
    await gateway.charge(approved);
    await gateway.charge(declined);
    await expect(gateway.charge(lost)).rejects.toThrow('no response');
    expect(await gateway.find(approved.paymentId)).toEqual({
      outcome: 'approved',
      refunded: false,
    });
    expect(await gateway.find(lost.paymentId)).toEqual({ outcome: 'approved', refunded: false });
    expect(await gateway.find(declined.paymentId)).toEqual({
      outcome: 'declined',
      reason: 'card_declined',
      refunded: false,
    });
    await gateway.refund(approved);
    expect(await gateway.find(approved.paymentId)).toEqual({ outcome: 'approved', refunded: true });
    expect(await gateway.find(randomUUID())).toBeUndefined();
  });

  it('answers what it has lost the answer to when it is asked again, and takes nothing at a timeout', async () => {
    const [lost, never] = [chargeOf('tok_timeout_once'), chargeOf('tok_timeout')];
    await expect(gateway.charge(lost)).rejects.toThrow('no response');
    expect(await gateway.charge(lost)).toEqual({ outcome: 'approved' });
    await expect(gateway.charge(never)).rejects.toThrow('no response');
    expect(await gateway.find(never.paymentId)).toBeUndefined();
  });

  it('that is too slow answers nothing, and has done it all the same', async () => {
    const late = { timeoutMs: 10, latencyMs: 10 };
    const slow = Object.assign(Object.create(gateway) as PaymentGateway, late);
    const asked = chargeOf();
    await expect(slow.charge(asked)).rejects.toThrow('no response');
    expect(await gateway.find(asked.paymentId)).toEqual({ outcome: 'approved', refunded: false });
    await expect(slow.refund(asked)).rejects.toThrow('no response');
    expect(await gateway.find(asked.paymentId)).toEqual({ outcome: 'approved', refunded: true });
    await expect(slow.find(asked.paymentId)).rejects.toThrow('no response');
  });

  it('leaves a payment pending while its charge is, and says so in its attempts', async () => {
    const [paymentId, orderId] = [randomUUID(), randomUUID()];
    const open = `INSERT INTO payments (id, order_id, currency, amount, status)
                  VALUES ($1, $2, 'USD', 4990, 'pending')`;
    await service.db.query({ name: 'test-open', text: open }, [paymentId, orderId]);
    const pending = `INSERT INTO sandbox_charges
                      (payment_id, currency, amount, outcome, calls, settles_as, settles_at)
                    VALUES ($1, 'USD', 4990, 'pending', 1, 'approved', now() + interval '1 hour')`;
    await service.db.query({ name: 'test-pending', text: pending }, [paymentId]);
    await charge(service.app, { paymentId });
    const { body } = await read(`/v1/payments/${paymentId}`);
    expect(body).toMatchObject({
      status: 'pending',
      attempts: [{ number: 1, operation: 'charge', outcome: 'pending' }],
    });
  });

  it("lists the gateway's charges, in pages of up to 1000", async () => {
    const asked = chargeOf();
    await gateway.charge(asked);
    await gateway.charge(asked);
    await gateway.refund(asked);
    const { status, body } = await read('/v1/sandbox/charges?limit=1000');
    expect(status).toBe(200);
    expect(body).toMatchObject({ items: expect.any(Array), nextCursor: null });
    expect(body.items).toContainEqual({
      paymentId: asked.paymentId,
      currency: 'USD',
      amount: 4_990,
      outcome: 'approved',
      captures: 1,
      refunds: 1,
      calls: 2,
      createdAt: expect.stringMatching(/Z$/),
    });
    const page = await read('/v1/sandbox/charges?limit=1');
    expect(page.body).toMatchObject({ items: [{}], nextCursor: expect.any(String) });
    expect(await read('/v1/sandbox/charges?limit=1001')).toMatchObject({ status: 400 });
    expect(await read('/v1/sandbox/charges?cursor=x')).toMatchObject({ status: 400 });
  });
});
