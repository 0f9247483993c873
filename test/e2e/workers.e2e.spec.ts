import { ownShop } from './own-shop';
import type { Order } from './storefront';

const ordersMax = 60;

describe('competing workers', () => {
  const own = ownShop({
    replicas: { payments: 3 },
    // A slow gateway, so that no worker is done before the others have begun.
    env: { SANDBOX_LATENCY_MS: '50' },
  });

  it(
    `share ${ordersMax} charges: each is made once, everybody makes some`,
    own.telling(async () => {
      const items = [{ sku: 'TEA-ASSAM', quantity: 1 }];
      const placed: Order[] = [];
      for (let count = 0; count < ordersMax; count += 1) {
        placed.push(await own.front.place({ customerId: '1', currency: 'USD', items }));
      }
      for (const { id } of placed) await own.front.orderWhen(id, 'completed', { withinMs: 30_000 });

      const payments = (await Promise.all(placed.map(({ id }) => own.front.payments(id)))).flat();

      expect(payments).toHaveLength(ordersMax);
      expect(payments.map(({ attempts }) => attempts.length)).toEqual(placed.map(() => 1));
      const workers = payments.flatMap(({ attempts }) => attempts.map(({ worker }) => worker));
      expect(new Set(workers).size).toBe(3);
      expect(await own.broker.allDeadLetters()).toEqual({});
    }),
  );
});
