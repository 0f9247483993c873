import { environment, eventually, startShop, TestBroker, type Shop } from '@tradepost/testing';
import { Storefront, type Order } from './storefront';
import { withLogs } from './with-logs';

const ordersMax = 20;
const mug = { customerId: '1', currency: 'USD', items: [{ sku: 'MUG-WHITE', quantity: 1 }] };

describe('a service is killed while sales are under way, and started again:', () => {
  let broker: TestBroker;
  let shop: Shop;
  let front: Storefront;

  beforeAll(async () => {
    broker = await TestBroker.create();
    shop = await startShop({
      amqpUrl: broker.amqpUrl,
      postgresUrl: environment().postgresUrl,
      // So that a charge is on its way when payments dies.
      env: { SANDBOX_LATENCY_MS: '200' },
    });
    front = new Storefront(shop);
  });

  afterAll(async () => {
    await shop?.stop();
    await broker?.close();
  });

  async function placeAll(): Promise<Order[]> {
    return Promise.all(Array.from({ length: ordersMax }, () => front.place(mug)));
  }

  async function completedOnce(placed: Order[]): Promise<void> {
    for (const { id } of placed) {
      await front.orderWhen(id, 'completed', { withinMs: 45_000 });
      expect(await front.payments(id)).toMatchObject([{ status: 'captured' }]);
      await eventually(async () => {
        const kinds = (await front.entries(id)).map(({ kind }) => kind).sort();
        expect(kinds).toEqual(['sale', 'settlement']);
      });
    }
    expect(await broker.allDeadLetters()).toEqual({});
  }

  it.each(['orders', 'users', 'financial', 'payments'] as const)(
    '%s: every order is completed, paid once, booked once',
    async (app) => {
      const placed = await placeAll();
      await shop.kill(app);
      await shop.restart(app);
      await withLogs(
        () => shop,
        () => completedOnce(placed),
      )();
    },
    90_000,
  );

  it('log-sink: sales go on without it, and it gets its lines when it is back', async () => {
    await shop.kill('log-sink');
    const traceId = '7cf92f3577b34da6a3ce929d0e0e4737';
    const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
    const { id } = await front.place({ ...mug, paymentToken: 'tok_decline' }, { traceparent });
    await front.orderWhen(id, 'payment_failed');
    await shop.restart('log-sink');
    await eventually(async () => {
      const services = (await front.logs({ traceId })).map(({ service }) => service);
      expect(services).toEqual(expect.arrayContaining(['orders', 'payments']));
    });
  }, 60_000);
});
