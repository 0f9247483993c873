import { eventually, type TestServer } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { GatewayClient, newCharge, startGateway } from './gateway-client';

describe('the sandbox gateway as a server', () => {
  let server: TestServer;
  let gateway: GatewayClient;

  beforeAll(async () => {
    server = await startGateway();
    gateway = new GatewayClient(server.url);
  });

  afterAll(() => server.stop());

  it('approves, and takes the money once, however often it is asked', async () => {
    const charge = newCharge();
    const responses = await Promise.all(Array.from({ length: 20 }, () => gateway.charge(charge)));
    const { paymentId } = charge;
    const approved = { paymentId, outcome: 'approved', refunded: false };
    expect(new Set(responses.map((response) => JSON.stringify(response)))).toEqual(
      new Set([JSON.stringify({ status: 200, body: approved })]),
    );
    expect(await gateway.record(paymentId)).toMatchObject({ captures: 1, refunds: 0, calls: 20 });
  });

  it('declines with a reason', async () => {
    const charge = newCharge('tok_decline');
    const { paymentId } = charge;
    const declined = { paymentId, outcome: 'declined', reason: 'card_declined', refunded: false };
    expect(await gateway.charge(charge)).toEqual({ status: 200, body: declined });
    expect(await gateway.find(paymentId)).toEqual({ status: 200, body: declined });
  });

  it('gives back what it took, once, and nothing for what it did not take', async () => {
    const [taken, untaken] = [newCharge(), newCharge('tok_decline')];
    await gateway.charge(taken);
    await gateway.charge(untaken);
    const refunds = await Promise.all(Array.from({ length: 10 }, () => gateway.refund(taken)));
    const { paymentId } = taken;
    expect(refunds).toEqual(
      Array(10).fill({ status: 200, body: { paymentId, outcome: 'approved' } }),
    );
    expect(await gateway.record(paymentId)).toMatchObject({ captures: 1, refunds: 1 });
    expect(await gateway.find(paymentId)).toMatchObject({ body: { refunded: true } });
    expect(await gateway.refund(untaken)).toMatchObject({ body: { outcome: 'nothing_taken' } });
  });

  it('takes nothing for a charge that was refunded before it came', async () => {
    const charge = newCharge();
    expect(await gateway.refund(charge)).toMatchObject({ body: { outcome: 'nothing_taken' } });
    const voided = { outcome: 'declined', reason: 'voided', refunded: true };
    expect(await gateway.charge(charge)).toMatchObject({ status: 200, body: voided });
    expect(await gateway.record(charge.paymentId)).toMatchObject({ captures: 0, refunds: 0 });
  });

  it.each([{ amount: 1 }, { currency: 'EUR' }])(
    'refuses %o for a payment id that it knows',
    async (other) => {
      const charge = newCharge();
      await gateway.charge(charge);
      const mismatch = { type: 'https://tradepost.dev/problems/charge-mismatch' };
      expect(await gateway.charge({ ...charge, ...other })).toMatchObject({
        status: 409,
        body: mismatch,
      });
      expect(await gateway.refund({ ...charge, ...other })).toMatchObject({
        status: 409,
        body: mismatch,
      });
      expect(await gateway.record(charge.paymentId)).toMatchObject({ captures: 1, refunds: 0 });
    },
  );

  it.each([
    ['tok_timeout_once', { captures: 1, calls: 1 }],
    ['tok_timeout', undefined],
  ])('times out on %s', async (token, record) => {
    const charge = newCharge(token);
    const impatient = AbortSignal.timeout(300);
    await expect(gateway.charge(charge, impatient)).rejects.toMatchObject({ name: 'TimeoutError' });
    await eventually(async () => {
      if (record) expect(await gateway.record(charge.paymentId)).toMatchObject(record);
      else expect(await gateway.find(charge.paymentId)).toMatchObject({ status: 404 });
    });
  });

  it('returns a charge whose response was lost to the next call', async () => {
    const charge = newCharge('tok_timeout_once');
    await expect(gateway.charge(charge, AbortSignal.timeout(300))).rejects.toThrow();
    expect(await gateway.charge(charge)).toMatchObject({
      status: 200,
      body: { outcome: 'approved' },
    });
    expect(await gateway.record(charge.paymentId)).toMatchObject({ captures: 1, calls: 2 });
  });

  it.each([
    ['a payment id that is none', { paymentId: '7' }],
    ['a fraction', { amount: 0.5 }],
    ['an unknown field', { colour: 'red' }],
  ])('refuses %s', async (_, wrong) => {
    const response = await gateway.charge({ ...newCharge(), ...wrong });
    expect(response).toMatchObject({ status: 400, body: { errors: [expect.anything()] } });
  });

  it('does not know a charge that was never made', async () => {
    const type = 'https://tradepost.dev/problems/charge-not-found';
    expect(await gateway.find(randomUUID())).toMatchObject({ status: 404, body: { type } });
  });

  it('stops at once, though a client waits', async () => {
    const other = await startGateway();
    const kept = new GatewayClient(other.url).charge(newCharge('tok_timeout'));
    const waiting = kept.then(
      ({ status }) => status,
      () => 'cut off',
    );
    // The request has come when a later one is answered.
    await new GatewayClient(other.url).charge(newCharge());
    const began = performance.now();
    await other.stop();
    expect(performance.now() - began).toBeLessThan(5_000);
    expect([504, 'cut off']).toContain(await waiting);
  });
});
