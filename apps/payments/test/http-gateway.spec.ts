import { Logger } from '@nestjs/common';
import { eventually } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { GatewayGuards } from '../src/gateway/gateway-guards';
import { HttpGateway } from '../src/gateway/http-gateway';
import { PaymentsConfig } from '../src/payments.config';
import { ProviderStandIn } from './provider-stand-in';

describe('the adapter of a payment gateway over HTTP', () => {
  let provider: ProviderStandIn;

  beforeAll(() => Logger.overrideLogger(false));

  beforeEach(async () => {
    provider = await ProviderStandIn.open();
  });

  afterEach(() => provider.close());

  function adapter(values: Partial<PaymentsConfig> = {}): HttpGateway {
    const defaults = { GATEWAY_URL: `${provider.url}/`, GATEWAY_TIMEOUT_MS: 5_000 };
    const config = Object.assign(new PaymentsConfig(), defaults, values);
    return new HttpGateway(config, new GatewayGuards(config));
  }

  const chargeOf = (paymentToken: string | null = 'tok_approve') => {
    return { paymentId: randomUUID(), currency: 'USD' as const, amount: 4_990, paymentToken };
  };

  it('posts a charge as the gateway knows it, and asks for it', async () => {
    const seen: unknown[] = [];
    provider.script = ({ method, url, headers }, body) => {
      seen.push([method, url, headers['content-type'], body && JSON.parse(body)]);
      return { status: 200, body: { outcome: 'approved' } };
    };
    const [charge, tokenless] = [chargeOf(), chargeOf(null)];
    await adapter().charge(charge);
    await adapter().charge(tokenless);
    await adapter().find(charge.paymentId);
    const { paymentToken: _, ...rest } = tokenless;
    expect(seen).toEqual([
      ['POST', '/v1/charges', 'application/json', charge],
      ['POST', '/v1/charges', 'application/json', rest],
      ['GET', `/v1/charges/${charge.paymentId}`, undefined, ''],
    ]);
  });

  it.each([
    [200, { outcome: 'approved', refunded: false }, { outcome: 'approved' }],
    [200, { outcome: 'declined', reason: 'broke' }, { outcome: 'declined', reason: 'broke' }],
    [200, { outcome: 'declined' }, { outcome: 'declined', reason: 'declined' }],
    [202, { outcome: 'pending', refunded: false }, { outcome: 'pending' }],
    [200, '\uFEFF{"outcome":"approved"}', { outcome: 'approved' }],
    [299, { outcome: 'approved' }, { outcome: 'approved' }],
  ])('understands %d %o of a charge', async (status, body, expected) => {
    provider.answer(status, body);
    expect(await adapter().charge(chargeOf())).toEqual(expected);
  });

  it.each([
    ['a\0b', 'a\uFFFDb'],
    ['\ud83d!', '\uFFFD!'],
    [`${'x'.repeat(199)}\u{1F408}`, `${'x'.repeat(199)}\uFFFD`],
    ['x'.repeat(300), 'x'.repeat(200)],
    ['', 'declined'],
    [7, 'declined'],
  ])('takes a decline for what it is, whatever its reason (%j)', async (given, reason) => {
    provider.answer(200, { outcome: 'declined', reason: given });
    expect(await adapter().charge(chargeOf())).toEqual({ outcome: 'declined', reason });
  });

  it('understands what became of a refund, and of a charge', async () => {
    const gateway = adapter();
    provider.answer(200, { outcome: 'nothing_taken' });
    expect(await gateway.refund(chargeOf())).toEqual({ outcome: 'nothing_taken' });
    const found = { outcome: 'declined', reason: 'voided', refunded: true };
    provider.answer(200, { paymentId: 'x', ...found });
    expect(await gateway.find(randomUUID())).toEqual(found);
    provider.answer(200, { outcome: 'approved', reason: 'none' });
    expect(await gateway.find(randomUUID())).toEqual({ outcome: 'approved', refunded: false });
    provider.answer(404, { title: 'Charge not found' });
    expect(await gateway.find(randomUUID())).toBeUndefined();
  });

  it.each([
    [500, '', 'it answered 500'],
    [503, {}, 'it answered 503'],
    [429, {}, 'it answered 429'],
    [404, {}, 'it answered 404'],
    [401, {}, 'it answered 401'],
    [200, '<html>', 'its answer (200) says no outcome'],
    [200, 'null', 'its answer (200) says no outcome'],
    [200, { outcome: 'perhaps' }, 'its answer (200) says no outcome'],
  ])('is to be asked again after %d %j', async (status, body, why) => {
    provider.answer(status, body);
    const charge = chargeOf();
    const { paymentId } = charge;
    const error = { name: 'GatewayUnavailable', paymentId, why };
    await expect(adapter().charge(charge)).rejects.toMatchObject(error);
    await expect(adapter().refund(charge)).rejects.toMatchObject(error);
  });

  it('is to be asked again when nothing listens there', async () => {
    const gateway = adapter();
    await provider.close();
    const error = { name: 'GatewayUnavailable', why: expect.stringContaining('ECONNREFUSED') };
    await expect(gateway.charge(chargeOf())).rejects.toMatchObject(error);
    provider = await ProviderStandIn.open();
  });

  it('waits no longer than it may', async () => {
    provider.keepSilent();
    const charge = chargeOf();
    const gateway = adapter({ GATEWAY_TIMEOUT_MS: 100 });
    const timeout = { name: 'GatewayTimeout', paymentId: charge.paymentId, timeoutMs: 100 };
    await expect(gateway.charge(charge)).rejects.toMatchObject(timeout);
    await expect(gateway.find(charge.paymentId)).rejects.toMatchObject(timeout);
    // The request has ended, not only the waiting.
    await eventually(() => expect(provider.underWay).toBe(0));
  });

  it.each([
    [400, 'no such currency', 'no such currency'],
    [409, { field: 'amount' }, 'it answered 409'],
    [422, undefined, 'it answered 422'],
  ])('is never to be asked again after %d', async (status, detail, why) => {
    provider.answer(status, { detail });
    const charge = chargeOf();
    await expect(adapter().charge(charge)).rejects.toMatchObject({
      name: 'Rejected',
      code: 'gateway_refused',
      message: `the gateway refuses payment ${charge.paymentId}: ${why}`,
    });
  });

  it('has a bounded number of calls under way, and of others that wait', async () => {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    provider.script = () => gate.then(() => ({ status: 200, body: { outcome: 'approved' } }));
    const gateway = adapter({ GATEWAY_CALLS_MAX: 3, GATEWAY_TIMEOUT_MS: 30_000 });
    const calls = Promise.allSettled(Array.from({ length: 20 }, () => gateway.charge(chargeOf())));
    await eventually(() => expect(provider.underWay).toBe(3));
    open();
    const results = await calls;
    expect(provider.underWayMax).toBe(3);
    expect(provider.asked).toBe(15);
    const refused = results.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(5);
    const reason = { name: 'GatewayUnavailable', why: 'too many calls are under way' };
    expect(refused[0]).toMatchObject({ reason });
  });

  describe('after failures in a row', () => {
    const breaker = { GATEWAY_CIRCUIT_FAILURES: 3, GATEWAY_CIRCUIT_OPEN_MS: 300 };

    async function fail(gateway: HttpGateway, times: number): Promise<void> {
      for (let i = 0; i < times; i += 1) {
        await expect(gateway.charge(chargeOf())).rejects.toThrow('it answered 503');
      }
    }

    it('asks no more for a while, then once, and again when that was answered', async () => {
      const gateway = adapter(breaker);
      provider.answer(503);
      await fail(gateway, 3);
      const open = { name: 'GatewayUnavailable', why: 'its circuit is open' };
      await expect(gateway.charge(chargeOf())).rejects.toMatchObject(open);
      await expect(gateway.find(randomUUID())).rejects.toMatchObject(open);
      expect(provider.asked).toBe(3);
      // The one call that finds out is made when the time is over, and its failure begins it anew.
      await eventually(() => expect(gateway.charge(chargeOf())).rejects.toThrow('it answered 503'));
      expect(provider.asked).toBe(4);
      await expect(gateway.charge(chargeOf())).rejects.toMatchObject(open);
      provider.answer(200, { outcome: 'approved' });
      await eventually(async () => {
        expect(await gateway.charge(chargeOf())).toEqual({ outcome: 'approved' });
      });
      expect(await gateway.charge(chargeOf())).toEqual({ outcome: 'approved' });
      expect(provider.asked).toBe(6);
    });

    it('asks on when there was a success between them', async () => {
      const gateway = adapter(breaker);
      for (let round = 0; round < 3; round += 1) {
        provider.answer(503);
        await fail(gateway, 2);
        provider.answer(200, { outcome: 'approved' });
        await gateway.charge(chargeOf());
      }
      expect(provider.asked).toBe(9);
    });

    it('counts timeouts, and no refusal', async () => {
      const gateway = adapter({ ...breaker, GATEWAY_TIMEOUT_MS: 50 });
      provider.answer(409, {});
      for (let i = 0; i < 5; i += 1) await expect(gateway.charge(chargeOf())).rejects.toThrow();
      expect(provider.asked).toBe(5);
      provider.keepSilent();
      for (let i = 0; i < 5; i += 1) await expect(gateway.charge(chargeOf())).rejects.toThrow();
      expect(provider.asked).toBe(8);
    });
  });
});
