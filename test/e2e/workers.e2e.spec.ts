import { environment, startShop, TestBroker, type Shop } from '@tradepost/testing';
import { Storefront, type Order } from './storefront';
import { withLogs } from './with-logs';

const ordersMax = 60;

describe('competing workers', () => {
  let broker: TestBroker;
  let shop: Shop;
  let front: Storefront;

  beforeAll(async () => {
    broker = await TestBroker.create();
    shop = await startShop({
      amqpUrl: broker.amqpUrl,
      postgresUrl: environment().postgresUrl,
      replicas: { payments: 3 },
      // A gateway that takes its time, so that nobody is done before the others have begun.
      env: { SANDBOX_LATENCY_MS: '50' },
    });
    front = new Storefront(shop);
  });

  afterAll(async () => {
    await shop?.stop();
    await broker?.close();
  });

  it(
    `share ${ordersMax} charges: each is made once, everybody makes some`,
    withLogs(
      () => shop,
      async () => {
        const items = [{ sku: 'TEA-ASSAM', quantity: 1 }];
        const placed: Order[] = [];
        for (let count = 0; count < ordersMax; count += 1) {
          placed.push(await front.place({ customerId: '1', currency: 'USD', items }));
        }
        for (const { id } of placed) await front.orderWhen(id, 'completed', { withinMs: 30_000 });

        const payments = (await Promise.all(placed.map(({ id }) => front.payments(id)))).flat();

        expect(payments).toHaveLength(ordersMax);
        expect(payments.map(({ attempts }) => attempts.length)).toEqual(placed.map(() => 1));
        const workers = payments.flatMap(({ attempts }) => attempts.map(({ worker }) => worker));
        expect(new Set(workers).size).toBe(3);
        expect(await broker.allDeadLetters()).toEqual({});
      },
    ),
  );
});
