import { eventually } from '@tradepost/test-kit';
import { ownShop } from './own-shop';
import { netOf } from './storefront';

const mug = { customerId: '1', currency: 'USD', items: [{ sku: 'MUG-WHITE', quantity: 1 }] };

describe('an order that would stay where it is', () => {
  const own = ownShop({
    replicas: { 'log-sink': 0 },
    env: {
      ORDER_DEADLINE_MS: '2000',
      PAYMENT_CHECK_AFTER_MS: '300',
      PAYMENT_DEADLINE_MS: '1500',
      SWEEP_EVERY_MS: '200',
      GATEWAY_TIMEOUT_MS: '200',
    },
  });

  it(
    'the gateway never answers: its payment is timed out, and the books are at zero',
    own.telling(async () => {
      const { id } = await own.front.place({ ...mug, paymentToken: 'tok_timeout' });
      const { timeline } = await own.front.orderWhen(id, 'payment_failed', { withinMs: 45_000 });
      expect(timeline.at(-1)?.cause).toBe('payment-declined: timed_out');
      expect(await own.front.payments(id)).toMatchObject([{ status: 'declined' }]);
      await eventually(async () => {
        const entries = await own.front.entries(id);
        expect(entries.map(({ kind }) => kind).sort()).toEqual(['reversal', 'sale']);
        expect(netOf(entries)).toEqual({ receivable: 0, revenue: 0 });
      });
    }),
    90_000,
  );

  it(
    'payments loses its queue with the sale in it: hears of it again, and is paid once',
    own.telling(async () => {
      await own.shop.kill('payments');
      const { id } = await own.front.place(mug);
      await own.front.orderWhen(id, 'awaiting_payment', { withinMs: 45_000 });
      await eventually(async () => {
        expect(await own.broker.depth('payments.sale-finalized')).toBe(1);
      });
      await own.broker.deleteQueue('payments.sale-finalized');
      await own.shop.applyTopology();
      await own.shop.restart('payments');
      await own.front.orderWhen(id, 'completed', { withinMs: 45_000 });
      expect(await own.front.payments(id)).toMatchObject([{ status: 'captured' }]);
      await eventually(async () => {
        const kinds = (await own.front.entries(id)).map(({ kind }) => kind).sort();
        expect(kinds).toEqual(['sale', 'settlement']);
      });
    }),
    120_000,
  );
});
