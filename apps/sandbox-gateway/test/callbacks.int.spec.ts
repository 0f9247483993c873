import {
  createTestDatabase,
  eventually,
  HostileServer,
  type TestDatabase,
  type TestServer,
} from '@tradepost/test-kit';
import { Webhook } from 'standardwebhooks';
import { GatewayClient, newCharge, secret, startGateway } from './gateway-client';
import { Receiver } from './receiver';

describe('the callbacks of the sandbox gateway', () => {
  let receiver: Receiver;
  let database: TestDatabase;
  let server: TestServer | undefined;

  beforeAll(async () => {
    database = await createTestDatabase('sandbox-gateway');
  });

  afterAll(() => database.drop());

  beforeEach(async () => {
    receiver = await Receiver.open();
  });

  afterEach(async () => {
    const text = 'DELETE FROM sandbox_callbacks';
    await server?.db.query({ name: 'test-forget', text });
    await server?.stop();
    server = undefined;
    await receiver.close();
  });

  async function start(env: Record<string, string>): Promise<GatewayClient> {
    const callbacks = {
      CALLBACK_URL: receiver.url,
      CALLBACK_SECRET: secret,
      CALLBACK_DELAY_MAX_MS: '100',
    };
    server = await startGateway({ ...callbacks, ...env }, database);
    return new GatewayClient(server.url);
  }

  async function waiting(): Promise<number> {
    const text = 'SELECT count(*) AS count FROM sandbox_callbacks WHERE NOT given_up';
    const [row] = (await server?.db.query({ name: 'test-waiting', text })) ?? [];
    return Number(row?.count);
  }

  const typesOf = (paymentId: string) =>
    receiver
      .of(paymentId)
      .map(({ type }) => type)
      .sort();

  it('are not there for what is decided at once', async () => {
    const gateway = await start({ PENDING_RATE: '0' });
    const charge = newCharge();
    expect(await gateway.charge(charge)).toMatchObject({ status: 200 });
    expect(await waiting()).toBe(0);
  });

  it.each([
    ['tok_approve', 'charge.approved', { captures: 1, outcome: 'approved' }],
    [
      'tok_decline',
      'charge.declined',
      { captures: 0, outcome: 'declined', reason: 'card_declined' },
    ],
  ])('tell what a pending charge of %s has come to, signed', async (token, type, record) => {
    const gateway = await start({ PENDING_RATE: '1' });
    const charge = newCharge(token);
    const { paymentId } = charge;
    const pending = { paymentId, outcome: 'pending', refunded: false };
    expect(await gateway.charge(charge)).toEqual({ status: 202, body: pending });
    await eventually(() => expect(typesOf(paymentId)).toEqual([type, 'charge.pending'].sort()));
    const heard = receiver.of(paymentId).find((one) => one.type === type);
    const told = new Webhook(secret).verify(
      heard?.text ?? '',
      heard?.headers as Record<string, string>,
    );
    const { reason } = record as { reason?: string };
    const data = { paymentId, currency: 'USD', amount: 4_990, ...(reason && { reason }) };
    expect(told).toEqual({ type, timestamp: expect.stringMatching(/Z$/), data });
    expect(await gateway.record(paymentId)).toMatchObject({ ...record, calls: 1 });
    expect(await gateway.charge(charge)).toMatchObject({
      status: 200,
      body: { outcome: record.outcome },
    });
  });

  it('are all lost at a rate of 1, and the outcome is there for who asks', async () => {
    const gateway = await start({ PENDING_RATE: '1', CALLBACK_LOST_RATE: '1' });
    const { paymentId, ...rest } = newCharge();
    await gateway.charge({ paymentId, ...rest });
    await eventually(async () => {
      expect(await gateway.find(paymentId)).toMatchObject({ body: { outcome: 'approved' } });
    });
    expect(await waiting()).toBe(0);
    expect(receiver.heard).toEqual([]);
  });

  it('come twice at a rate of 1, with the same id', async () => {
    const gateway = await start({ PENDING_RATE: '1', CALLBACK_DUPLICATE_RATE: '1' });
    const { paymentId, ...rest } = newCharge();
    await gateway.charge({ paymentId, ...rest });
    const twice = ['charge.approved', 'charge.approved', 'charge.pending', 'charge.pending'];
    await eventually(() => expect(typesOf(paymentId)).toEqual(twice));
    const ids = receiver.of(paymentId).map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(2);
  });

  it('come in any order', async () => {
    const gateway = await start({
      PENDING_RATE: '1',
      CALLBACK_DUPLICATE_RATE: '1',
      CALLBACK_DELAY_MAX_MS: '1000',
    });
    const charges = Array.from({ length: 20 }, () => newCharge());
    await Promise.all(charges.map((charge) => gateway.charge(charge)));
    await eventually(() => expect(receiver.heard).toHaveLength(80));
    const inOrder = charges.map(({ paymentId }) =>
      receiver
        .of(paymentId)
        .map(({ type }) => type)
        .join(),
    );
    const expected = 'charge.pending,charge.pending,charge.approved,charge.approved';
    expect(inOrder.every((types) => types === expected)).toBe(false);
  });

  it('are sent again while the receiver takes none', async () => {
    const gateway = await start({ PENDING_RATE: '1' });
    receiver.status = 503;
    const { paymentId, ...rest } = newCharge();
    await gateway.charge({ paymentId, ...rest });
    await eventually(() => expect(receiver.of(paymentId).length).toBeGreaterThan(2));
    receiver.status = 204;
    await eventually(async () => expect(await waiting()).toBe(0), { withinMs: 10_000 });
    const ids = receiver.of(paymentId).map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(2);
  });

  it('go on when the gateway was stopped before it could send them', async () => {
    const late = await start({ PENDING_RATE: '1', CALLBACK_DELAY_MAX_MS: '3600000' });
    const { paymentId, ...rest } = newCharge();
    await late.charge({ paymentId, ...rest });
    await server?.stop();
    await start({ PENDING_RATE: '1' });
    await server?.db.query({
      name: 'test-hurry',
      text: `WITH charges AS (UPDATE sandbox_charges SET settles_at = now() WHERE settles_at > now())
             UPDATE sandbox_callbacks SET due_at = now()`,
    });
    await eventually(() =>
      expect(typesOf(paymentId)).toEqual(['charge.approved', 'charge.pending']),
    );
  });

  it('are given up after the tenth try, and stay to be seen', async () => {
    const gateway = await start({ PENDING_RATE: '1' });
    receiver.status = 500;
    const { paymentId, ...rest } = newCharge();
    await gateway.charge({ paymentId, ...rest });
    await eventually(() => expect(typesOf(paymentId)).toContain('charge.approved'));
    const text = 'UPDATE sandbox_callbacks SET due_at = now(), tries = 9 WHERE tries < 9';
    const given = 'SELECT last_error FROM sandbox_callbacks WHERE given_up';
    await eventually(async () => {
      await server?.db.query({ name: 'test-hurry', text });
      const rows = await server?.db.query({ name: 'test-given-up', text: given });
      expect(rows).toEqual(Array(2).fill({ last_error: 'it answered 500' }));
    });
  });

  it('fail with the reason when they are answered with an upgrade', async () => {
    const hostile = await HostileServer.start('an upgrade');
    const gateway = await start({ PENDING_RATE: '1', CALLBACK_URL: hostile.url() });
    await gateway.charge(newCharge());
    const text = 'SELECT last_error FROM sandbox_callbacks ORDER BY tries DESC LIMIT 1';
    await eventually(async () => {
      const [row] = (await server?.db.query({ name: 'test-error', text })) ?? [];
      expect(row?.last_error).toContain('bad upgrade');
    });
    await hostile.stop();
  });

  it('have arrived when they are answered, though the answer never ends', async () => {
    const hostile = await HostileServer.start('a body that drips');
    const gateway = await start({ PENDING_RATE: '1', CALLBACK_URL: hostile.url() });
    await gateway.charge(newCharge());
    await eventually(() => expect(hostile.accepted).toBeGreaterThan(0));
    await eventually(async () => expect(await waiting()).toBe(0), { withinMs: 15_000 });
    await eventually(() => expect(hostile.connections).toBe(0));
    await hostile.stop();
  }, 30_000);

  it('of a charge that was given back before its outcome tell of no capture', async () => {
    const gateway = await start({ PENDING_RATE: '1', CALLBACK_DELAY_MAX_MS: '3600000' });
    const charge = newCharge();
    await gateway.charge(charge);
    expect(await gateway.refund(charge)).toMatchObject({ body: { outcome: 'nothing_taken' } });
    const due = 'UPDATE sandbox_charges SET settles_at = now() WHERE settles_at IS NOT NULL';
    await server?.db.query({ name: 'test-due', text: due });
    const record = { outcome: 'declined', reason: 'voided', captures: 0, refunds: 0 };
    expect(await gateway.record(charge.paymentId)).toMatchObject(record);
  });
});
