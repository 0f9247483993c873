import { PaymentCaptured } from '@tradepost/contracts';
import { databaseUrl, Db } from '@tradepost/database';
import type { ProblemDetails, Readiness } from '@tradepost/service';
import { environment, eventually, testService, type TestService } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { OrdersModule } from '../src/orders.module';
import { mug, OrdersApi } from './orders-api';
import { startUsers } from './users-stand-in';

const currentName = { name: 'test-database', text: 'SELECT current_database() AS name' };
const alterCurrency = {
  name: 'test-alter',
  text: 'ALTER TABLE orders ALTER COLUMN currency TYPE varchar(10)',
};
const endOthers = {
  name: 'test-end',
  text: `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()`,
};
const lockOrder = { name: 'test-lock', text: 'SELECT 1 FROM orders WHERE id = $1 FOR UPDATE' };
// As the server does it when the time is up.
const cancelWaiting = {
  name: 'test-cancel',
  text: `SELECT pg_cancel_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock'`,
};
const deadQueues = ['orders.confirm-order', 'orders.payment-captured'];

describe('the sessions of orders, while', () => {
  let service: TestService;
  let api: OrdersApi;
  let users: { stop(): Promise<void> };
  let admin: Db;
  /** In another database: what is set for that of orders is not for it. */
  let server: Db;
  let name: string;

  beforeAll(async () => {
    service = await testService(OrdersModule, { LOG_LEVEL: 'critical' });
    api = new OrdersApi(service.url);
    users = await startUsers(service.broker);
    const [row] = await service.db.query<{ name: string }>(currentName);
    name = row?.name ?? '';
    const { postgresUrl } = environment();
    admin = new Db({ url: databaseUrl(postgresUrl, { name }), poolMax: 1 });
    server = new Db({ url: postgresUrl, poolMax: 1 });
  });
  afterAll(async () => {
    await Promise.all([admin.close(), server.close()]);
    await users.stop();
    await service.stop();
  });

  /** Those that are there keep the settings that they began with. */
  const endSessions = async () => admin.query(endOthers);
  const inDatabase = async (setting: string) =>
    server.query({ name: setting, text: `ALTER DATABASE ${name} ${setting}` });
  const placeMany = async (count: number) =>
    Promise.all(Array.from({ length: count }, async () => api.place()));
  const confirmed = async (ids: string[]) => {
    for (const id of ids) {
      await eventually(async () => expect((await api.order(id)).status).toBe('awaiting_payment'));
    }
  };
  const ready = async () => (await api.get<Readiness>('/health/ready')).status;

  it('a column changes its type: every order is taken, confirmed and cancelled', async () => {
    const before = await placeMany(20);
    await confirmed(before.map(({ id }) => id));
    await admin.query(alterCurrency);
    const after = await placeMany(20);
    await Promise.all(before.map(async ({ id }) => expect((await api.order(id)).id).toBe(id)));
    await confirmed(after.map(({ id }) => id));
    const cancelled = await Promise.all(before.map(async ({ id }) => api.cancel(id)));
    expect(cancelled.map(({ status }) => status)).toEqual(before.map(() => 200));
    for (const queue of deadQueues) expect(await service.broker.deadLetters(queue)).toEqual([]);
  });

  it('they are read-only: 503 and not ready, and the first request after that is taken', async () => {
    const [paid] = await placeMany(1);
    const orderId = paid?.id ?? '';
    await confirmed([orderId]);
    await inDatabase('SET default_transaction_read_only = on');
    await endSessions();
    const captured = { orderId, paymentId: randomUUID(), currency: 'USD', amount: 2_500 } as const;
    await service.broker.publish(PaymentCaptured, captured);
    await eventually(async () => {
      const { status, headers, body } = await api.post<ProblemDetails>(mug);
      expect([status, headers.get('retry-after')]).toEqual([503, '5']);
      expect(body.type).toBe('https://tradepost.dev/problems/unavailable');
    });
    const { status, body } = await api.get<Readiness>('/health/ready');
    expect(status).toBe(503);
    expect(body.checks.database).toEqual({
      status: 'failing',
      problems: [expect.stringContaining('takes no writes')],
    });
    expect((await api.get('/v1/orders')).status).toBe(200);

    await inDatabase('RESET default_transaction_read_only');
    const placed = await placeMany(20);
    expect(await ready()).toBe(200);
    await confirmed(placed.map(({ id }) => id));
    await eventually(async () => expect((await api.order(orderId)).status).toBe('paid'));
  }, 60_000);

  it('the default isolation is stricter: parallel cancellations and orders all pass', async () => {
    await inDatabase(`SET default_transaction_isolation = 'repeatable read'`);
    await endSessions();
    await eventually(async () => expect(await ready()).toBe(200));
    const placed = await placeMany(30);
    const thrice = placed.flatMap(({ id }) => [id, id, id]);
    const answers = await Promise.all(thrice.map(async (id) => api.cancel(id)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    await inDatabase('RESET default_transaction_isolation');
  }, 60_000);

  it('a statement is over its time limit: 503 with Retry-After', async () => {
    const { id } = await api.place();
    const answer = await admin.transaction(async (tx) => {
      await tx.query(lockOrder, [id]);
      const cancelling = api.cancel<ProblemDetails>(id);
      await eventually(async () => expect(await tx.query(cancelWaiting)).toHaveLength(1));
      return cancelling;
    });
    const { status, headers, body } = answer;
    expect([status, headers.get('retry-after')]).toEqual([503, '5']);
    expect(body.type).toBe('https://tradepost.dev/problems/unavailable');
    expect((await api.cancel(id)).status).toBe(200);
  }, 60_000);
});
