import fc from 'fast-check';
import {
  decide,
  type OrderEventName,
  type OrderFacts,
  orderStatuses,
  type OrderStatus,
} from '../src/order/order';
import { type Going, type Sale, SaleModel } from './sale-model';

const names: OrderEventName[] = [
  'customer-known',
  'customer-refused',
  'confirmation-expired',
  'payment-captured',
  'payment-declined',
  'payment-refunded',
  'sale-booked',
  'cancel-requested',
];
const cancelling: readonly OrderStatus[] = ['cancel_pending', 'cancelled'];
const numRuns = 600;

const deliveries: Going[] = [
  ...names.map((say) => ({ to: 'orders', say }) as const),
  ...(
    [
      'sale-finalized',
      'order-cancelled',
      'charge',
      'charged',
      'refund',
      'given-back',
      'time-out',
    ] as const
  ).map((say) => ({ to: 'payments', say }) as const),
  ...(['sale-finalized', 'order-cancelled', 'payment-captured'] as const).map(
    (say) => ({ to: 'financial', say }) as const,
  ),
];
const sales: fc.Arbitrary<Sale> = fc.record({
  customer: fc.constantFrom('customer-known', 'customer-known', 'customer-refused'),
  gateway: fc.constantFrom('approves', 'approves', 'declines'),
  expires: fc.boolean(),
  timesOut: fc.boolean(),
  cancels: fc.nat(3),
  slow: fc.subarray(deliveries, { maxLength: 3 }),
});
/** Which of the messages on their way comes next, and whether a copy of it comes again. */
const courses = fc.array(fc.tuple(fc.noBias(fc.nat(1_000)), fc.noBias(fc.nat(3))), {
  minLength: 10,
  maxLength: 60,
});

/** Plays a sale to its end: the course's deliveries, then whatever is left, oldest first. */
function play(
  sale: Sale,
  course: [number, number][],
  check: (model: SaleModel) => void,
): SaleModel {
  const model = new SaleModel(sale);
  for (const [pick, luck] of course) {
    if (model.isQuiet) break;
    model.deliver(pick, luck === 0);
    check(model);
  }
  for (let left = 10_000; left > 0 && !model.isQuiet; left -= 1) {
    model.deliver(0, false);
    check(model);
  }
  expect(model.isQuiet).toBe(true);
  return model;
}

function apply(order: OrderFacts, name: OrderEventName): [OrderFacts, OrderStatus[]] {
  const transition = decide(order, { name, cause: name });
  if (transition.kind !== 'change') return [order, []];
  const { states, booked, refunded } = transition;
  return [{ ...order, booked, refunded, status: states.at(-1) ?? order.status }, states];
}

describe('whatever the order, the delays and the copies of messages', () => {
  it('a cancelled order ends cancelled, its money back, its entries undone', () => {
    const property = fc.property(sales, courses, (sale, course) => {
      const { cancelTaken, order, moneyHeld, entries } = play(sale, course, () => undefined);
      if (!cancelTaken) return;
      expect(order.status).toBe('cancelled');
      expect(moneyHeld).toBe(false);
      const isReversed = entries.has('reversal') && !entries.has('reinstatement');
      expect(isReversed || entries.has('refund')).toBe(entries.has('sale'));
      expect(entries.has('refund')).toBe(entries.has('settlement'));
    });
    fc.assert(property, { numRuns });
  });

  it('an order that is not cancelled ends as its customer and its payment say', () => {
    const property = fc.property(sales, courses, (sale, course) => {
      const model = play(sale, course, () => undefined);
      const { cancelTaken, isExpired, isTimedOut, order, moneyHeld, entries } = model;
      if (cancelTaken) return;
      const isPaid = sale.gateway === 'approves' && !isTimedOut;
      const paid = isPaid ? 'completed' : 'payment_failed';
      const isRejected = isExpired || sale.customer === 'customer-refused';
      expect(order.status).toBe(isRejected ? 'rejected' : paid);
      expect(moneyHeld).toBe(order.status === 'completed');
      const expected = { completed: ['sale', 'settlement'], payment_failed: ['reversal', 'sale'] };
      expect([...entries].sort()).toEqual(order.status === 'rejected' ? [] : expected[paid]);
    });
    fc.assert(property, { numRuns });
  });

  it('cancelled is never said while orders knows of money that is not back', () => {
    const property = fc.property(sales, courses, (sale, course) => {
      play(sale, course, ({ order, heard }) => {
        if (order.status !== 'cancelled' || !heard.has('payment-captured')) return;
        expect(heard).toContain('payment-refunded');
      });
    });
    fc.assert(property, { numRuns });
  });

  it('paid is never said before the capture, completed never before both', () => {
    const property = fc.property(sales, courses, (sale, course) => {
      play(sale, course, ({ order, heard }) => {
        const { status } = order;
        if (status === 'paid' || status === 'completed')
          expect(heard).toContain('payment-captured');
        if (status === 'completed') expect(heard).toContain('sale-booked');
      });
    });
    fc.assert(property, { numRuns });
  });

  it('no message is refused, but requests to cancel what has no sale', () => {
    const property = fc.property(sales, courses, (sale, course) => {
      const { refusals } = play(sale, course, () => undefined);
      const allowed = /^cancel_requested_when_(rejected|payment_failed)$/;
      expect(refusals.filter((code) => !allowed.test(code))).toEqual([]);
    });
    fc.assert(property, { numRuns });
  });

  it('a timeline shows each state once, but for a cancellation that a capture reopens', () => {
    const property = fc.property(sales, courses, (sale, course) => {
      const { timeline } = play(sale, course, () => undefined);
      const reopened = /,cancelled,cancel_pending,cancelled$/;
      const shown = timeline.join().replace(reopened, ',cancelled').split(',');
      expect(shown).toEqual([...new Set(shown)]);
    });
    fc.assert(property, { numRuns });
  });
});

describe('any events at all, even impossible ones', () => {
  const orders: fc.Arbitrary<OrderFacts> = fc.record({
    status: fc.constantFrom(...orderStatuses),
    booked: fc.boolean(),
    refunded: fc.constant(false),
    total: fc.constant(1_250),
    currency: fc.constant('USD' as const),
  });
  const events = fc.array(fc.constantFrom(...names), { maxLength: 30 });

  it('a duplicate has its effect once', () => {
    const property = fc.property(orders, events, fc.constantFrom(...names), (first, said, name) => {
      const before = said.reduce((order, one) => apply(order, one)[0], first);
      const [once] = apply(before, name);
      expect(apply(once, name)).toEqual([once, []]);
    });
    fc.assert(property, { numRuns });
  });

  it('an end stays, a cancellation stays, what is known stays known', () => {
    const property = fc.property(orders, events, (first, said) => {
      said.reduce((order, name) => {
        const [next] = apply(order, name);
        if (/^(rejected|payment_failed)$/.test(order.status)) {
          expect(next.status).toBe(order.status);
        }
        if (cancelling.includes(order.status)) expect(cancelling).toContain(next.status);
        if (order.booked) expect(next.booked).toBe(true);
        if (order.refunded) expect(next.refunded).toBe(true);
        return next;
      }, first);
    });
    fc.assert(property, { numRuns });
  });
});
