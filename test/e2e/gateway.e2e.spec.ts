import {
  createTestDatabase,
  environment,
  eventually,
  ServiceProcess,
  Shop,
  TestBroker,
  type TestDatabase,
} from '@tradepost/test-kit';
import { createServer, type AddressInfo } from 'node:net';
import { netOf, Storefront } from './storefront';
import { withLogs } from './with-logs';

const secret = `whsec_${Buffer.from('a secret of thirty-two bytes ...').toString('base64')}`;
const mugs = { customerId: '1', currency: 'USD', items: [{ sku: 'MUG-BLUE', quantity: 2 }] };

/** What makes each charge an adventure. Callbacks that are lost are found by who asks. */
const nasty = {
  PENDING_RATE: '0.6',
  CALLBACK_DUPLICATE_RATE: '0.5',
  CALLBACK_LOST_RATE: '0.2',
  CALLBACK_DELAY_MAX_MS: '800',
  ERROR_RATE: '0.1',
  SLOW_RATE: '0.1',
  SLOW_MS: '1500',
};

interface Charge {
  paymentId: string;
  amount: number;
  outcome: string;
  captures: number;
  refunds: number;
}

describe('a shop whose payment gateway is a provider of its own', () => {
  let broker: TestBroker;
  let database: TestDatabase;
  let shop: Shop;
  let gateway: ServiceProcess | undefined;
  let gatewayUrl: string;
  let front: Storefront;

  beforeAll(async () => {
    broker = await TestBroker.create();
    const { postgresUrl } = environment();
    database = await createTestDatabase('sandbox-gateway', postgresUrl);
    gatewayUrl = `http://127.0.0.1:${await freePort()}`;
    shop = await Shop.start({
      amqpUrl: broker.amqpUrl,
      postgresUrl,
      readyWithinMs: 90_000,
      env: {
        GATEWAY_URL: gatewayUrl,
        GATEWAY_CALLBACK_SECRET: secret,
        GATEWAY_TIMEOUT_MS: '1000',
        GATEWAY_CIRCUIT_OPEN_MS: '500',
        PAYMENT_CHECK_AFTER_MS: '3000',
        SWEEP_EVERY_MS: '1000',
      },
    });
    await startGateway();
    front = new Storefront(shop);
  }, 240_000);

  afterAll(async () => {
    await gateway?.stop();
    await shop?.stop();
    await database?.drop();
    await broker?.close();
  });

  async function startGateway(): Promise<void> {
    gateway = await ServiceProcess.start({
      app: 'sandbox-gateway',
      env: {
        ...nasty,
        // The same after each start: payments knows it.
        PORT: new URL(gatewayUrl).port,
        POSTGRES_URL: database.serviceUrl,
        CALLBACK_URL: `${shop.url('payments')}/v1/gateway-callbacks`,
        CALLBACK_SECRET: secret,
        LOG_FORMAT: 'text',
        NO_COLOR: '1',
      },
    });
    await eventually(
      async () => expect((await fetch(`${gatewayUrl}/health/ready`)).status).toBe(200),
      { withinMs: 60_000 },
    );
  }

  async function charges(): Promise<Map<string, Charge>> {
    const response = await fetch(`${gatewayUrl}/v1/charges?limit=1000`);
    const { items } = (await response.json()) as { items: Charge[] };
    return new Map(items.map((charge) => [charge.paymentId, charge]));
  }

  const sale = (name: string, test: () => Promise<void>) =>
    it(
      name,
      withLogs(() => shop, test),
      240_000,
    );

  sale('completes every order that is approved and fails every one that is not', async () => {
    const tokens = Array.from({ length: 30 }, (_, i) =>
      i % 5 === 0 ? 'tok_decline' : 'tok_approve',
    );
    const orders = await Promise.all(
      tokens.map((paymentToken) => front.place({ ...mugs, paymentToken })),
    );
    // Killed with callbacks that it still has to send, and charges that it still has to decide.
    await eventually(async () => expect((await charges()).size).toBeGreaterThan(10), {
      withinMs: 20_000,
    });
    await gateway?.kill();
    await startGateway();

    for (const [index, { id }] of orders.entries()) {
      const end = tokens[index] === 'tok_decline' ? 'payment_failed' : 'completed';
      await front.orderWhen(id, end, { withinMs: 120_000 });
    }

    const books = await charges();
    for (const [index, { id, total }] of orders.entries()) {
      const [payment] = await front.payments(id);
      const taken = tokens[index] === 'tok_decline' ? 0 : 1;
      expect(books.get(payment?.id ?? '')).toMatchObject({
        amount: total,
        outcome: taken ? 'approved' : 'declined',
        captures: taken,
        refunds: 0,
      });
    }
  });

  sale('keeps no money of orders that are cancelled meanwhile', async () => {
    const orders = await Promise.all(Array.from({ length: 12 }, () => front.place(mugs)));
    await Promise.all(
      orders.map(async ({ id }, index) => {
        if (index % 3 === 0)
          await eventually(async () => expect(await front.payments(id)).toHaveLength(1), {
            withinMs: 60_000,
          });
        await front.cancel(id, 'changed my mind');
      }),
    );
    for (const { id } of orders) await front.orderWhen(id, 'cancelled', { withinMs: 120_000 });
    await eventually(
      async () => {
        const books = await charges();
        for (const { id } of orders) {
          const [payment] = await front.payments(id);
          const charge = books.get(payment?.id ?? '');
          if (charge) expect([id, charge.captures - charge.refunds]).toEqual([id, 0]);
          expect(netOf(await front.entries(id)).cash ?? 0).toBe(0);
        }
      },
      { withinMs: 100_000 },
    );
    expect(
      Math.max(...[...(await charges()).values()].map(({ captures }) => captures)),
    ).toBeLessThan(2);
  });
});

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
