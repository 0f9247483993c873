import { eventually } from '@tradepost/test-kit';
import fc from 'fast-check';
import { ownShop } from './own-shop';
import { netOf, type Order } from './storefront';

const mugs = { customerId: '1', currency: 'USD', items: [{ sku: 'MUG-BLUE', quantity: 2 }] };
const reason = 'changed my mind';

/** When a customer thinks better of it: at once, or as soon as the order shows a state. */
const moments = ['at once', 'awaiting_payment', 'charged', 'paid', 'completed', 'never'] as const;
const tokens = ['tok_approve', 'tok_approve', 'tok_decline', 'tok_timeout_once'] as const;

interface Plan {
  paymentToken: (typeof tokens)[number];
  moment: (typeof moments)[number];
  /** So many requests at the same time. */
  copies: number;
}

describe('an order is cancelled', () => {
  const own = ownShop({
    replicas: { orders: 2, payments: 2 },
    // So that a charge is on its way while orders are cancelled.
    env: { SANDBOX_LATENCY_MS: '100', GATEWAY_TIMEOUT_MS: '500' },
  });

  afterEach(async () => {
    expect(await own.broker.allDeadLetters()).toEqual({});
  });

  const cancelled = (name: string, test: () => Promise<void>) => it(name, own.telling(test));

  const statesOf = (order: Order) => order.timeline.map(({ state }) => state);

  /** No service has anything of the order left: no money, and nothing in the books. */
  async function isUndone(id: string): Promise<void> {
    await own.front.orderWhen(id, 'cancelled', { withinMs: 30_000 });
    await eventually(
      async () => {
        // It may go back for a late capture; it must not stay there.
        expect((await own.front.order(id)).status).toBe('cancelled');
        for (const { status } of await own.front.payments(id)) {
          expect(status).toMatch(/^(cancelled|declined|refunded)$/);
        }
        const entries = await own.front.entries(id);
        const kinds = entries.map(({ kind }) => kind);
        expect(kinds.includes('refund')).toBe(kinds.includes('settlement'));
        const { cash = 0, receivable = 0, revenue = 0, refunds = 0 } = netOf(entries);
        expect({ cash, receivable, sold: revenue + refunds }).toEqual({
          cash: 0,
          receivable: 0,
          sold: 0,
        });
      },
      { withinMs: 30_000, everyMs: 50 },
    );
  }

  cancelled(
    'after it is completed: the money goes back, and the books come to nothing',
    async () => {
      const { id } = await own.front.place(mugs);
      await own.front.orderWhen(id, 'completed');

      const answer = await own.front.cancel(id, reason);
      expect([answer.status, answer.order.status]).toEqual([200, 'cancel_pending']);

      const order = await own.front.orderWhen(id, 'cancelled');
      expect(order.timeline.slice(-2)).toMatchObject([
        { state: 'cancel_pending', cause: `cancel-requested: ${reason}` },
        { state: 'cancelled', cause: 'payment-refunded' },
      ]);
      await isUndone(id);
      expect(await own.front.payments(id)).toMatchObject([
        { status: 'refunded', attempts: [{ outcome: 'approved' }, { outcome: 'approved' }] },
      ]);
      const kinds = (await own.front.entries(id)).map(({ kind }) => kind).sort();
      expect(kinds).toEqual(['refund', 'sale', 'settlement']);
    },
  );

  cancelled('before money moves: no payment is made, and no sale stays booked', async () => {
    await own.shop.kill('users');
    const { id } = await own.front.place(mugs);
    const { order } = await own.front.cancel(id, reason);
    expect(statesOf(order)).toEqual(['pending', 'cancelled']);
    await own.shop.restart('users');
    await isUndone(id);
    expect(await own.front.payments(id)).toEqual([]);
    expect(await own.front.entries(id)).toEqual([]);
    expect(statesOf(await own.front.order(id))).toEqual(['pending', 'cancelled']);
  });

  cancelled('twice: once', async () => {
    const { id } = await own.front.place(mugs);
    await own.front.orderWhen(id, 'completed');
    await own.front.cancel(id, reason);
    const before = await own.front.orderWhen(id, 'cancelled');
    expect(await own.front.cancel(id, 'a second time')).toEqual({ status: 200, order: before });
    await isUndone(id);
  });

  for (const app of ['orders', 'payments', 'financial'] as const) {
    cancelled(`and ${app} is killed: all is undone when it is back`, async () => {
      const placed = await Promise.all(Array.from({ length: 12 }, () => own.front.place(mugs)));
      // Some have been paid by then, some have a charge on its way, some are not confirmed yet.
      await Promise.all(placed.slice(0, 4).map(({ id }) => passes(id, 'paid')));
      const late = await Promise.all(Array.from({ length: 4 }, () => own.front.place(mugs)));
      const ids = [...placed, ...late].map(({ id }) => id);
      const answers = await Promise.all(ids.map((id) => own.front.cancel(id, reason)));
      await own.shop.kill(app);
      await own.shop.restart(app);
      expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 200));
      await Promise.all(ids.map(isUndone));
    });
  }

  cancelled(
    'at any moment, by many at once: what is cancelled is undone, the rest is sold',
    async () => {
      const plans: fc.Arbitrary<Plan[]> = fc.array(
        fc.record({
          paymentToken: fc.constantFrom(...tokens),
          moment: fc.constantFrom(...moments),
          copies: fc.integer({ min: 1, max: 3 }),
        }),
        { minLength: 12, maxLength: 12 },
      );
      const property = fc.asyncProperty(plans, async (all) => {
        await Promise.all(all.map(play));
      });
      await fc.assert(property, { numRuns: 6, endOnFailure: true });
    },
  );

  async function play({ paymentToken, moment, copies }: Plan): Promise<void> {
    const { id } = await own.front.place({ ...mugs, paymentToken });
    const end = paymentToken === 'tok_decline' ? 'payment_failed' : 'completed';
    if (moment === 'charged') await isCharged(id);
    else if (moment !== 'at once') await passes(id, moment === 'never' ? end : moment);
    const asked = moment === 'never' ? 0 : copies;
    const answers = await Promise.all(
      Array.from({ length: asked }, () => own.front.cancel(id, reason)),
    );
    const taken = answers.filter(({ status }) => status === 200);
    // An order that failed first is no sale to cancel.
    expect(taken.length === 0 || taken.length === asked).toBe(true);
    if (taken.length > 0) return isUndone(id);
    for (const { status } of answers) expect(status).toBe(409);
    await own.front.orderWhen(id, end, { withinMs: 30_000 });
  }

  /** payments has its answer; orders may not know it yet. */
  async function isCharged(id: string): Promise<void> {
    await eventually(
      async () =>
        expect((await own.front.payments(id))[0]?.status).toMatch(/^(captured|declined)$/),
      { withinMs: 30_000, everyMs: 5 },
    );
  }

  /** The order shows that it was in `state`, or that it never will be. */
  async function passes(id: string, state: string): Promise<void> {
    await eventually(
      async () => {
        const states = statesOf(await own.front.order(id));
        expect(states.includes(state) || states.includes('payment_failed')).toBe(true);
      },
      { withinMs: 30_000, everyMs: 10 },
    );
  }
});
