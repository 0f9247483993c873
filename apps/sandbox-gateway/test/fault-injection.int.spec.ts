import {
  createTestDatabase,
  eventually,
  type TestDatabase,
  type TestServer,
} from '@tradepost/test-kit';
import { type HttpResponse, GatewayClient, newCharge, startGateway } from './gateway-client';

describe('the faults that the sandbox gateway injects', () => {
  let database: TestDatabase;
  let server: TestServer | undefined;

  beforeAll(async () => {
    database = await createTestDatabase('sandbox-gateway');
  });

  afterAll(() => database.drop());

  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });

  async function start(env: Record<string, string>): Promise<GatewayClient> {
    server = await startGateway(env, database);
    return new GatewayClient(server.url);
  }

  it('is an error for every call at a rate of 1, before the work or after it', async () => {
    const gateway = await start({ ERROR_RATE: '1' });
    const charges = Array.from({ length: 40 }, () => newCharge());
    const responses: HttpResponse[] = await Promise.all(
      charges.map((charge) => gateway.charge(charge)),
    );
    const type = 'https://tradepost.dev/problems/gateway-error';
    expect(responses).toEqual(
      Array(40).fill({ status: 503, body: expect.objectContaining({ type }) }),
    );
    const records = await Promise.all(charges.map(({ paymentId }) => gateway.record(paymentId)));
    const done = records.filter((record) => record !== undefined);
    expect(done.length).toBeGreaterThan(0);
    expect(done.length).toBeLessThan(40);
    expect(await gateway.find(newCharge().paymentId)).toMatchObject({ status: expect.any(Number) });
    const refunds = await Promise.all(charges.map((charge) => gateway.refund(charge)));
    expect(refunds.every(({ status }) => status === 503)).toBe(true);
  });

  it('is no error at a rate of 0', async () => {
    const gateway = await start({ ERROR_RATE: '0', SLOW_RATE: '0' });
    const responses = await Promise.all(
      Array.from({ length: 40 }, () => gateway.charge(newCharge())),
    );
    expect(responses.every(({ status }) => status === 200)).toBe(true);
  });

  it('is a response that comes late, when the money is long taken', async () => {
    const gateway = await start({ SLOW_RATE: '1', SLOW_MS: '60000' });
    const charge = newCharge();
    const late = gateway.charge(charge, AbortSignal.timeout(300));
    await expect(late).rejects.toMatchObject({ name: 'TimeoutError' });
    await eventually(async () => {
      expect(await gateway.record(charge.paymentId)).toMatchObject({ captures: 1 });
    });
    // A client that waits does not keep it from stopping.
    const other = newCharge();
    const waiting = gateway.charge(other).then(
      ({ status }) => status,
      () => 'cut off',
    );
    await eventually(async () => {
      expect(await gateway.record(other.paymentId)).toMatchObject({ captures: 1 });
    });
    const began = performance.now();
    await server?.stop();
    server = undefined;
    expect(performance.now() - began).toBeLessThan(5_000);
    expect([200, 'cut off']).toContain(await waiting);
  });
});
