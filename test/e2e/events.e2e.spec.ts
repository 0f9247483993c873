import {
  environment,
  EventReader,
  eventually,
  startShop,
  TestBroker,
  type Shop,
} from '@tradepost/testing';
import { Storefront } from './storefront';
import { withLogs } from './with-logs';

const mug = { customerId: '1', currency: 'USD', items: [{ sku: 'MUG-BLUE', quantity: 2 }] };

describe('the stream of an order', () => {
  let broker: TestBroker;
  let shop: Shop;
  let front: Storefront;

  beforeAll(async () => {
    broker = await TestBroker.create();
    shop = await startShop({
      amqpUrl: broker.amqpUrl,
      postgresUrl: environment().postgresUrl,
      replicas: { orders: 2, 'log-sink': 0 },
    });
    front = new Storefront(shop);
  });

  afterAll(async () => {
    await shop?.stop();
    await broker?.close();
  });

  it(
    'has every step once, whichever replica made it, though the one that streams is killed',
    withLogs(
      () => shop,
      async () => {
        // The storefront talks to the first.
        const [first, second] = shop.replicas('orders');
        if (!first || !second) throw new Error('there are two replicas of orders');
        const { id } = await front.place(mug);
        const path = `/v1/orders/${id}/events`;
        const before = await EventReader.open(second.url + path);
        await eventually(() => expect(before.events.at(-1)?.event).toBe('completed'));
        await front.cancel(id, 'changed my mind');
        await eventually(() =>
          expect(before.events.map(({ event }) => event)).toContain('cancel_pending'),
        );
        await second.kill();
        expect(await before.ended).toBe('cut off');

        const after = await EventReader.open(first.url + path, { after: before.ids.at(-1) });
        await front.orderWhen(id, 'cancelled');
        const seen = () => [...before.events, ...after.events].map(({ data }) => data);
        await eventually(() => expect(seen()).toHaveLength(6));
        const { timeline } = await front.order(id);
        expect(seen()).toEqual(timeline.map((step, index) => ({ id: index + 1, ...step })));

        const stopping = first.stop();
        expect(await after.ended).toBe('whole');
        expect(await stopping).toEqual({ code: 0, signal: null });
      },
    ),
  );
});
