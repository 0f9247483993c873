import { EventReader, eventually } from '@tradepost/test-kit';
import { ownShop } from './own-shop';

/** More than Node lets listen to one thing without a warning. */
const passersBy = 20;
const mug = { customerId: '1', currency: 'USD', items: [{ sku: 'MUG-BLUE', quantity: 2 }] };

describe('the stream of an order', () => {
  const own = ownShop({
    replicas: { orders: 2, 'log-sink': 0 },
  });

  it(
    'has every step once, whichever replica made it, though the one that streams is killed',
    own.telling(async () => {
      // The storefront talks to the first.
      const [first, second] = own.shop.replicas('orders');
      if (!first || !second) throw new Error('there are two replicas of orders');
      const { id } = await own.front.place(mug);
      const path = `/v1/orders/${id}/events`;
      const passing = Array.from({ length: passersBy }, () => EventReader.open(first.url + path));
      for (const reader of await Promise.all(passing)) reader.leave();
      const before = await EventReader.open(second.url + path);
      await eventually(() => expect(before.events.at(-1)?.event).toBe('completed'));
      await own.front.cancel(id, 'changed my mind');
      await eventually(() =>
        expect(before.events.map(({ event }) => event)).toContain('cancel_pending'),
      );
      await second.kill();
      expect(await before.ended).toBe('cut off');

      const after = await EventReader.open(first.url + path, { after: before.ids.at(-1) });
      await own.front.orderWhen(id, 'cancelled');
      const seen = () => [...before.events, ...after.events].map(({ data }) => data);
      await eventually(() => expect(seen()).toHaveLength(6));
      const { timeline } = await own.front.order(id);
      expect(seen()).toEqual(timeline.map((step, index) => ({ id: index + 1, ...step })));

      const stopping = first.stop();
      expect(await after.ended).toBe('whole');
      expect(await stopping).toEqual({ code: 0, signal: null });
    }),
  );
});
