import { ownShop } from './own-shop';

const requests = 50;
const mug = { customerId: '1', currency: 'USD', items: [{ sku: 'MUG-BLUE', quantity: 2 }] };

interface Answer {
  status: number;
  replayed: boolean;
  retryAfter: string | null;
  text: string;
}

describe('an Idempotency-Key, with replicas', () => {
  const own = ownShop({
    replicas: { orders: 2, users: 0, financial: 0, payments: 0, 'log-sink': 0 },
  });

  /** As many requests with one key at the same time, the replicas taking turns. */
  async function atOnce(path: string, body: object, key: string): Promise<Answer[]> {
    const replicas = own.shop.replicas('orders');
    return Promise.all(
      Array.from({ length: requests }, async (_, index) => {
        const response = await fetch(`${replicas[index % replicas.length]?.url}${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'idempotency-key': key },
          body: JSON.stringify(body),
        });
        const { status, headers } = response;
        const replayed = headers.get('idempotent-replayed') === 'true';
        return {
          status,
          replayed,
          retryAfter: headers.get('retry-after'),
          text: await response.text(),
        };
      }),
    );
  }

  /** One was done; the others were told what it was, or to ask again. */
  function theOneDone(answers: Answer[], status: number): Answer {
    const [done, ...more] = answers.filter(
      (answer) => answer.status === status && !answer.replayed,
    );
    expect(more).toEqual([]);
    for (const answer of answers) {
      // 503: on a slow machine, no connection was free in time.
      if (answer.status === 503) continue;
      if (answer.status === status) expect(answer.text).toBe(done?.text);
      else expect([answer.status, answer.retryAfter]).toEqual([409, '1']);
    }
    if (!done) throw new Error(`no answer with ${status}`);
    return done;
  }

  it(
    `makes one order of ${requests} requests, and one cancellation`,
    own.telling(async () => {
      const placed = theOneDone(await atOnce('/v1/orders', mug, '"one"'), 201);
      const orders = await fetch(`${own.shop.url('orders')}/v1/orders?limit=100`);
      const { items } = (await orders.json()) as { items: { id: string }[] };
      expect(items).toHaveLength(1);

      const { id } = JSON.parse(placed.text) as { id: string };
      const path = `/v1/orders/${id}/cancel`;
      theOneDone(await atOnce(path, { reason: 'changed my mind' }, '"one"'), 200);
      const order = await fetch(`${own.shop.url('orders')}/v1/orders/${id}`);
      const { timeline } = (await order.json()) as { timeline: { state: string }[] };
      expect(timeline.map(({ state }) => state)).toEqual(['pending', 'cancelled']);
    }),
  );
});
