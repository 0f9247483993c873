import { eventually, type ReceivedPost, WebhookReceiver } from '@tradepost/test-kit';
import { Webhook } from 'standardwebhooks';
import { ownShop } from './own-shop';
import type { Order } from './storefront';

const mug = { customerId: '1', currency: 'USD', items: [{ sku: 'MUG-BLUE', quantity: 1 }] };

const ends = ['completed', 'payment_failed', 'cancelled'];
const toldStates = ['paid', ...ends];

describe('a merchant with a webhook', () => {
  const own = ownShop({
    replicas: { orders: 2 },
    env: { WEBHOOKS_ALLOW_PRIVATE: 'true', SANDBOX_LATENCY_MS: '100' },
  });
  let receiver: WebhookReceiver;

  beforeAll(async () => {
    receiver = await WebhookReceiver.start();
  });
  afterAll(() => receiver.stop());

  async function register(path: string): Promise<string> {
    const response = await fetch(`${own.shop.url('orders')}/v1/webhooks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ url: receiver.url(path) }),
    });
    return ((await response.json()) as { secret: string }).secret;
  }

  async function placeAndCancel(): Promise<Order[]> {
    const good = Array.from({ length: 10 }, () => own.front.place(mug));
    const bad = Array.from({ length: 5 }, () =>
      own.front.place({ ...mug, paymentToken: 'tok_decline' }),
    );
    const undone = Array.from({ length: 10 }, async () => {
      const order = await own.front.place(mug);
      await own.front.cancel(order.id, 'changed my mind');
      return order;
    });
    return Promise.all([...good, ...bad, ...undone]);
  }

  it(
    'is told of each state at least once, by one id, though orders is killed again and again',
    own.telling(async () => {
      const secret = await register('/hooks');
      const placed: Order[] = [];
      for (let round = 0; round < 3; round += 1) {
        placed.push(...(await placeAndCancel()));
        // Some have been told of by then, some are being told of, some have yet to be paid.
        await eventually(() => expect(receiver.posts.length).toBeGreaterThan(round * 20 + 5), {
          withinMs: 45_000,
          everyMs: 5,
        });
        await own.shop.kill('orders');
        await own.shop.restart('orders');
      }
      for (const { id } of placed) {
        await eventually(
          async () => {
            const { status, timeline } = await own.front.order(id);
            expect(ends).toContain(status);
            const states = timeline.filter(({ state }) => toldStates.includes(state));
            const wanted = states.map(({ state, at }) => `order.${state} ${at}: 1 id`);
            expect(heardOf(receiver.at('/hooks'), secret, id)).toEqual(wanted.sort());
          },
          { withinMs: 60_000, everyMs: 100 },
        );
      }
      expect(await own.broker.allDeadLetters()).toEqual({});
    }),
    240_000,
  );

  it(
    'that does not answer keeps no service from stopping, and gets it again after that',
    own.telling(async () => {
      receiver.answers.set('/silent', 'silence');
      const secret = await register('/silent');
      const { id } = await own.front.place({ ...mug, paymentToken: 'tok_decline' });
      const told = () => receiver.at('/silent').filter(({ body }) => body.includes(id));
      await eventually(() => expect(told()).toHaveLength(1), { withinMs: 30_000 });
      const exits = await own.shop.stopService('orders');
      expect(exits.map(({ code }) => code)).toEqual([0, 0]);
      receiver.answers.delete('/silent');
      await own.shop.restart('orders');
      await eventually(() => expect(told().length).toBeGreaterThan(1), { withinMs: 30_000 });
      expect(heardOf(receiver.at('/silent'), secret, id)).toEqual([
        expect.stringMatching(/^order.payment_failed .*: 1 id$/),
      ]);
    }),
    120_000,
  );
});

/** What was told of an order, in how many ids each. Every signature is good. */
function heardOf(posts: ReceivedPost[], secret: string, orderId: string): string[] {
  const ids = new Map<string, Set<unknown>>();
  for (const { body, headers } of posts.filter((post) => post.body.includes(orderId))) {
    const told = new Webhook(secret).verify(body, headers as Record<string, string>);
    const { type, timestamp } = told as { type: string; timestamp: string };
    const key = `${type} ${timestamp}`;
    ids.set(key, (ids.get(key) ?? new Set()).add(headers['webhook-id']));
  }
  return [...ids].map(([key, { size }]) => `${key}: ${size} id`).sort();
}
