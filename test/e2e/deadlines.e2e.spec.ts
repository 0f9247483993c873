import { environment, eventually, startShop, TestBroker, type Shop } from '@tradepost/testing';
import { netOf, Storefront } from './storefront';
import { withLogs } from './with-logs';

const mug = { customerId: '1', currency: 'USD', items: [{ sku: 'MUG-WHITE', quantity: 1 }] };

describe('an order that would stay where it is', () => {
  let broker: TestBroker;
  let shop: Shop;
  let front: Storefront;

  beforeAll(async () => {
    broker = await TestBroker.create();
    shop = await startShop({
      amqpUrl: broker.amqpUrl,
      postgresUrl: environment().postgresUrl,
      replicas: { 'log-sink': 0 },
      env: {
        ORDER_DEADLINE_MS: '2000',
        PAYMENT_CHECK_AFTER_MS: '300',
        PAYMENT_DEADLINE_MS: '1500',
        SWEEP_EVERY_MS: '200',
        GATEWAY_TIMEOUT_MS: '200',
      },
    });
    front = new Storefront(shop);
  });

  afterAll(async () => {
    await shop?.stop();
    await broker?.close();
  });

  it(
    'the gateway never answers: its payment is timed out, and the books are at zero',
    withLogs(
      () => shop,
      async () => {
        const { id } = await front.place({ ...mug, paymentToken: 'tok_timeout' });
        const { timeline } = await front.orderWhen(id, 'payment_failed', { withinMs: 45_000 });
        expect(timeline.at(-1)?.cause).toBe('payment-declined: timed_out');
        expect(await front.payments(id)).toMatchObject([{ status: 'declined' }]);
        await eventually(async () => {
          const entries = await front.entries(id);
          expect(entries.map(({ kind }) => kind).sort()).toEqual(['reversal', 'sale']);
          expect(netOf(entries)).toEqual({ receivable: 0, revenue: 0 });
        });
      },
    ),
    90_000,
  );

  it(
    'payments loses its queue with the sale in it: hears of it again, and is paid once',
    withLogs(
      () => shop,
      async () => {
        await shop.kill('payments');
        const { id } = await front.place(mug);
        await front.orderWhen(id, 'awaiting_payment', { withinMs: 45_000 });
        await eventually(async () => {
          expect(await broker.depth('payments.sale-finalized')).toBe(1);
        });
        await broker.deleteQueue('payments.sale-finalized');
        await shop.restart('payments');
        await front.orderWhen(id, 'completed', { withinMs: 45_000 });
        expect(await front.payments(id)).toMatchObject([{ status: 'captured' }]);
        await eventually(async () => {
          const kinds = (await front.entries(id)).map(({ kind }) => kind).sort();
          expect(kinds).toEqual(['sale', 'settlement']);
        });
      },
    ),
    120_000,
  );
});
