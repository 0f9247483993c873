import { services } from '../../apps/services';
import { eventually } from '@tradepost/test-kit';
import { ownShop } from './own-shop';
import type { Order } from './storefront';

const ordersMax = 20;
const mug = { customerId: '1', currency: 'USD', items: [{ sku: 'MUG-WHITE', quantity: 1 }] };

describe('a service is killed while sales are under way, and started again:', () => {
  const own = ownShop({
    // So that a charge is on its way when payments dies.
    env: { SANDBOX_LATENCY_MS: '200' },
  });

  async function placeAll(): Promise<Order[]> {
    return Promise.all(Array.from({ length: ordersMax }, () => own.front.place(mug)));
  }

  async function completedOnce(placed: Order[]): Promise<void> {
    for (const { id } of placed) {
      await own.front.orderWhen(id, 'completed', { withinMs: 45_000 });
      expect(await own.front.payments(id)).toMatchObject([{ status: 'captured' }]);
      await eventually(async () => {
        const kinds = (await own.front.entries(id)).map(({ kind }) => kind).sort();
        expect(kinds).toEqual(['sale', 'settlement']);
      });
    }
    expect(await own.broker.allDeadLetters()).toEqual({});
  }

  it.each(services.filter((name) => name !== 'log-sink'))(
    '%s: every order is completed, paid once, booked once',
    async (app) => {
      const placed = await placeAll();
      await own.shop.kill(app);
      await own.shop.restart(app);
      await own.telling(() => completedOnce(placed))();
    },
    90_000,
  );

  it('log-sink: sales go on without it, and it gets its lines when it is back', async () => {
    await own.shop.kill('log-sink');
    const traceId = '7cf92f3577b34da6a3ce929d0e0e4737';
    const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
    const { id } = await own.front.place({ ...mug, paymentToken: 'tok_decline' }, { traceparent });
    await own.front.orderWhen(id, 'payment_failed');
    await own.shop.restart('log-sink');
    await eventually(async () => {
      const services = (await own.front.logs({ traceId })).map(({ service }) => service);
      expect(services).toEqual(expect.arrayContaining(['orders', 'payments']));
    });
  }, 60_000);
});
