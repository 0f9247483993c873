import { SaleFinalized } from '@tradepost/contracts';
import { databaseUrl, Db } from '@tradepost/database';
import { Rejected } from '@tradepost/messaging';
import { createService } from '@tradepost/service';
import {
  environment,
  eventually,
  testService,
  type TestService,
  openToAll,
} from '@tradepost/test-kit';
import { v7 as uuidv7 } from 'uuid';
import { OrdersConfig } from '../src/orders.config';
import { OrdersModule } from '../src/orders.module';
import type { OrderStatus } from '../src/order/order';
import { type NewOrder, OrdersStore } from '../src/order/orders.store';
import { ResolveOrder } from '../src/recovery/resolve-order';
import { OrdersApi } from './orders-api';
import { startPayments, type StandIn } from './payments-stand-in';
import { startUsers } from './users-stand-in';

const at = '2026-11-26T10:00:00.000Z';

describe('an overdue order that cannot be resolved now', () => {
  let service: TestService;
  let api: OrdersApi;
  let users: { stop(): Promise<void> };
  let payments: StandIn;

  beforeAll(async () => {
    service = await testService(OrdersModule, { SWEEP_EVERY_MS: '3600000' });
    api = new OrdersApi(service.url);
    await service.broker.listen(SaleFinalized);
    [users, payments] = await Promise.all([
      startUsers(service.broker),
      startPayments(service.broker),
    ]);
    await eventually(async () => service.broker.ask('users.get-user', { id: '1' }));
    await eventually(async () => service.broker.ask('payments.get-payment', { orderId: uuidv7() }));
  });
  afterAll(async () => {
    await Promise.all([users.stop(), payments.stop()]);
    await service.stop();
  });

  /** An order that has come through these states, after its first one. */
  async function orderIn(...states: OrderStatus[]): Promise<string> {
    const id = uuidv7();
    const timeline = (['pending', ...states] as const).map((state) => ({ state, at, cause: 'x' }));
    const order: NewOrder = {
      ...{ id, customerId: '1', currency: 'USD', total: 1_250, createdAt: at, timeline },
      customerName: states.length > 0 ? 'Paul Jhon' : null,
      status: states.at(-1) ?? 'pending',
      items: [{ sku: 'MUG-BLUE', name: 'Mug', quantity: 1, unitPrice: 1_250 }],
    };
    await service.db.transaction(async (tx) => {
      await service.app.get(OrdersStore).insertEach(tx, [order]);
      const text = 'UPDATE orders SET steps = $2, customer_name = $3 WHERE id = $1';
      await tx.query({ name: 'test-steps', text }, [id, timeline.length, order.customerName]);
    });
    return id;
  }

  const run = async (text: string) => service.db.query({ name: `test-${text.slice(0, 40)}`, text });
  const sent = async () => run('SELECT type, body FROM outbox');

  it('stays pending while there is no broker to ask users through', async () => {
    const id = await orderIn();
    const { POSTGRES_URL } = service.app.get(OrdersConfig);
    const env = {
      ...openToAll,
      POSTGRES_URL,
      AMQP_URL: 'amqp://127.0.0.1:1',
      LOG_LEVEL: 'critical',
    };
    const alone = await createService(OrdersModule, env);
    try {
      await alone.init();
      await expect(alone.get(ResolveOrder).run({ id, checks: 9 })).rejects.toThrow();
      expect((await api.order(id)).status).toBe('pending');
    } finally {
      await alone.close();
    }
  });

  it('stays pending while what users answers cannot be stored', async () => {
    const id = await orderIn();
    const [row] = await run('SELECT current_database() AS name');
    const owner = new Db({ url: databaseUrl(environment().postgresUrl, row as { name: string }) });
    const text = `DO $$ BEGIN
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN RAISE EXCEPTION ''not now''; END';
      CREATE TRIGGER refuse BEFORE UPDATE ON orders FOR EACH ROW
        WHEN (NEW.status = 'awaiting_payment') EXECUTE FUNCTION refuse();
    END $$`;
    await owner.query({ name: 'test-refuse', text });
    try {
      const resolving = service.app.get(ResolveOrder).run({ id, checks: 9 });
      await expect(resolving).rejects.toThrow('not now');
      expect((await api.order(id)).status).toBe('pending');
    } finally {
      await owner.query({ name: 'test-allow', text: 'DROP TRIGGER refuse ON orders' });
      await owner.close();
    }
    await service.app.get(ResolveOrder).run({ id, checks: 9 });
    expect((await api.order(id)).status).toBe('awaiting_payment');
  });

  it('has no sale resent while payments refuses to say what it has', async () => {
    const id = await orderIn('awaiting_payment');
    payments.meanwhile = async () => Promise.reject(new Rejected('payments_closed', 'come again'));
    try {
      const resolving = service.app.get(ResolveOrder).run({ id, checks: 9 });
      await expect(resolving).rejects.toMatchObject({ code: 'payments_closed' });
    } finally {
      payments.meanwhile = undefined;
    }
    await eventually(async () => expect(await sent()).toEqual([]));
    expect((await api.order(id)).status).toBe('awaiting_payment');
  });
});
