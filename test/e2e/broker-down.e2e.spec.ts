import {
  environment,
  eventually,
  provideBroker,
  Shop,
  TestBroker,
  type Broker,
} from '@tradepost/test-kit';
import { Storefront } from './storefront';
import { withLogs } from './with-logs';

describe('without a broker', () => {
  let server: Broker;
  let broker: TestBroker;
  let shop: Shop;
  let front: Storefront;

  beforeAll(async () => {
    // One of its own: it is stopped, and other suites need theirs.
    server = await provideBroker({ own: true });
    broker = await TestBroker.create({
      amqpUrl: server.url,
      managementUrl: server.managementUrl,
    });
    const { postgresUrl } = environment();
    const { managementUrl } = server;
    shop = await Shop.start({ amqpUrl: broker.amqpUrl, managementUrl, postgresUrl });
    front = new Storefront(shop);
  });

  afterAll(async () => {
    await shop?.stop();
    await server?.stop();
  });

  it(
    'orders are taken, and completed when it is back',
    withLogs(
      () => shop,
      async () => {
        await server.halt();
        await eventually(async () => expect(await front.readiness('orders')).toBe(503));

        const items = [{ sku: 'MUG-WHITE', quantity: 1 }];
        const order = { customerId: '1', currency: 'USD', items };
        const placed = [await front.place(order), await front.place(order)];
        for (const { id } of placed)
          expect(await front.order(id)).toMatchObject({ status: 'pending' });

        await server.resume();
        for (const { id } of placed) await front.orderWhen(id, 'completed', { withinMs: 60_000 });
        await eventually(async () => expect(await front.readiness('orders')).toBe(200));
        expect(await broker.allDeadLetters()).toEqual({});
      },
    ),
  );
});
