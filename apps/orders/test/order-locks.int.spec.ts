import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Db, type Tx } from '@tradepost/database';
import { createService } from '@tradepost/service';
import { createTestDatabase, inTurn, type TestDatabase, openToAll } from '@tradepost/test-kit';
import { v7 as uuidv7 } from 'uuid';
import { AdvanceOrder } from '../src/order/advance-order';
import { CancelOrder } from '../src/order/cancel-order';
import type { OrderEvent, OrderEventName } from '../src/order/order';
import { OrdersModule } from '../src/orders.module';
import { OrdersStore } from '../src/order/orders.store';

const at = '2026-11-26T10:00:00.000Z';
const [known, captured, booked] = ['customer-known', 'payment-captured', 'sale-booked'] as const;
const [refunded, cancel] = ['payment-refunded', 'cancel-requested'] as const;

/** Two events that want one order, in both orders: one holds it, the other one waits. */
describe('two at one order', () => {
  let database: TestDatabase;
  let app: NestFastifyApplication;
  let db: Db;

  beforeAll(async () => {
    database = await createTestDatabase('orders');
    // Without a broker: what was sent stays in the outbox.
    const AMQP_URL = 'amqp://guest:guest@127.0.0.1:1';
    app = await createService(OrdersModule, {
      ...openToAll,
      ...{ POSTGRES_URL: database.url, AMQP_URL, LOG_LEVEL: 'critical' },
    });
    db = app.get(Db);
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  function eventOf(name: OrderEventName): OrderEvent {
    const payment = { amount: 1_250, currency: 'USD' } as const;
    return {
      ...{ name, cause: name },
      ...(name.startsWith('payment') && { payment }),
      ...(name === known && { customerName: 'Paul Jhon' }),
    };
  }

  const advance = (orderId: string, name: OrderEventName) => async (tx: Tx) =>
    app.get(AdvanceOrder).runIn(tx, [{ orderId, event: eventOf(name) }]);

  /** As its handler or its route has it applied. */
  const apply = async (orderId: string, name: OrderEventName) =>
    name === cancel
      ? app.get(CancelOrder).run(orderId, { reason: 'changed my mind' })
      : app.get(AdvanceOrder).run({ orderId, event: eventOf(name) });

  /** An order that has met these events. */
  async function orderAfter(...names: OrderEventName[]): Promise<string> {
    const order = {
      ...({ id: uuidv7(), status: 'pending', customerId: '1', customerName: null } as const),
      ...({ currency: 'USD', total: 1_250, createdAt: at } as const),
      items: [{ sku: 'MUG-BLUE', name: 'Mug', quantity: 1, unitPrice: 1_250 }],
      timeline: [{ state: 'pending' as const, at, cause: 'order-placed' }],
    };
    await db.transaction(async (tx) => app.get(OrdersStore).insertEach(tx, [order]));
    for (const name of names) await db.transaction(advance(order.id, name));
    return order.id;
  }

  async function statesOf(id: string): Promise<string[]> {
    const found = await app.get(OrdersStore).find(id);
    const states = found?.order.timeline.map(({ state }) => state) ?? [];
    expect(states.at(-1)).toBe(found?.order.status);
    const name = states.includes('awaiting_payment') ? 'Paul Jhon' : null;
    expect(found?.order.customerName).toBe(name);
    return states.slice(1);
  }

  async function sent(orderId: string): Promise<string[]> {
    const text = `SELECT type, body FROM outbox WHERE body LIKE '%' || $1 || '%' ORDER BY id`;
    type Row = { type: string; body: string };
    const rows = await db.query<Row>({ name: 'test-sent', text }, [orderId]);
    for (const { body } of rows) expect(body).not.toContain('paymentToken');
    return rows.map(({ type }) => type);
  }

  interface Race {
    before: OrderEventName[];
    first: OrderEventName;
    second: OrderEventName;
    states: string[];
    says: string[];
  }
  const races: Race[] = [
    {
      ...{ before: [known], first: captured, second: booked },
      ...{ states: ['awaiting_payment', 'paid', 'completed'], says: ['SaleFinalized'] },
    },
    {
      ...{ before: [known], first: booked, second: captured },
      ...{ states: ['awaiting_payment', 'paid', 'completed'], says: ['SaleFinalized'] },
    },
    {
      ...{ before: [known], first: captured, second: captured },
      ...{ states: ['awaiting_payment', 'paid'], says: ['SaleFinalized'] },
    },
    {
      ...{ before: [known], first: captured, second: cancel },
      states: ['awaiting_payment', 'paid', 'cancel_pending'],
      says: ['SaleFinalized', 'OrderCancelled'],
    },
    {
      ...{ before: [known, cancel], first: captured, second: refunded },
      states: ['awaiting_payment', 'cancelled', 'cancel_pending', 'cancelled'],
      says: ['SaleFinalized'],
    },
    {
      ...{ before: [known, cancel], first: refunded, second: captured },
      ...{ states: ['awaiting_payment', 'cancelled'], says: ['SaleFinalized'] },
    },
    {
      ...{ before: [known], first: cancel, second: captured },
      ...{ states: ['awaiting_payment', 'cancelled', 'cancel_pending'], says: ['SaleFinalized'] },
    },
    {
      ...{ before: [known], first: cancel, second: cancel },
      ...{ states: ['awaiting_payment', 'cancelled'], says: ['SaleFinalized'] },
    },
    {
      ...{ before: [], first: known, second: cancel },
      states: ['awaiting_payment', 'cancelled'],
      says: ['SaleFinalized', 'OrderCancelled'],
    },
    { before: [], first: cancel, second: known, states: ['cancelled'], says: [] },
    {
      ...{ before: [], first: known, second: known },
      ...{ states: ['awaiting_payment'], says: ['SaleFinalized'] },
    },
  ];

  it('an event of an unknown order is refused', async () => {
    await expect(apply(uuidv7(), captured)).rejects.toMatchObject({ code: 'order_unknown' });
    await expect(apply(uuidv7(), cancel)).rejects.toMatchObject({ details: { status: 404 } });
  });

  // A cancellation that is first is not by its route, and says nothing.
  it.each(races)('$second waits for $first: $states', async (race) => {
    const { before, first, second, states, says } = race;
    const id = await orderAfter(...before);
    await inTurn(db, advance(id, first), async () => apply(id, second));
    expect(await statesOf(id)).toEqual(states);
    expect(await sent(id)).toEqual(says);
  });
});
