import {
  decide,
  type OrderEvent,
  type OrderEventName,
  isFinal,
  type OrderFacts,
  type OrderStatus,
  orderStatuses,
} from '../src/order/order';

const order = (status: OrderStatus, booked = false, refunded = false): OrderFacts => ({
  status,
  booked,
  refunded,
  total: 1_250,
  currency: 'USD',
});
const booked = { booked: true, refunded: false };
const event = (name: OrderEventName): OrderEvent => ({ name, cause: name });

/** In words: where each event takes an order that is neither booked nor refunded yet. */
const expected: Record<OrderEventName, Record<OrderStatus, string>> = {
  'customer-known': {
    pending: 'awaiting_payment',
    awaiting_payment: 'same',
    paid: 'same',
    completed: 'same',
    rejected: 'same',
    payment_failed: 'same',
    cancel_pending: 'same',
    cancelled: 'same',
  },
  'customer-refused': {
    pending: 'rejected',
    awaiting_payment: 'same',
    paid: 'same',
    completed: 'same',
    rejected: 'same',
    payment_failed: 'same',
    cancel_pending: 'same',
    cancelled: 'same',
  },
  'confirmation-expired': {
    pending: 'rejected',
    awaiting_payment: 'same',
    paid: 'same',
    completed: 'same',
    rejected: 'same',
    payment_failed: 'same',
    cancel_pending: 'same',
    cancelled: 'same',
  },
  'payment-captured': {
    pending: 'early',
    awaiting_payment: 'paid',
    paid: 'same',
    completed: 'same',
    rejected: 'payment_captured_when_rejected',
    payment_failed: 'payment_captured_when_payment_failed',
    cancel_pending: 'same',
    cancelled: 'cancel_pending',
  },
  'payment-declined': {
    pending: 'early',
    awaiting_payment: 'payment_failed',
    paid: 'payment_declined_when_paid',
    completed: 'payment_declined_when_completed',
    rejected: 'payment_declined_when_rejected',
    payment_failed: 'same',
    cancel_pending: 'same',
    cancelled: 'same',
  },
  'payment-refunded': {
    pending: 'payment_refunded_when_pending',
    awaiting_payment: 'payment_refunded_when_awaiting_payment',
    paid: 'payment_refunded_when_paid',
    completed: 'payment_refunded_when_completed',
    rejected: 'payment_refunded_when_rejected',
    payment_failed: 'payment_refunded_when_payment_failed',
    cancel_pending: 'cancelled',
    cancelled: 'noted',
  },
  'sale-booked': {
    pending: 'early',
    awaiting_payment: 'noted',
    paid: 'completed',
    completed: 'noted',
    rejected: 'sale_booked_when_rejected',
    payment_failed: 'noted',
    cancel_pending: 'noted',
    cancelled: 'noted',
  },
  'cancel-requested': {
    pending: 'cancelled',
    awaiting_payment: 'cancelled',
    paid: 'cancel_pending',
    completed: 'cancel_pending',
    rejected: 'cancel_requested_when_rejected',
    payment_failed: 'cancel_requested_when_payment_failed',
    cancel_pending: 'same',
    cancelled: 'same',
  },
};

function outcome(facts: OrderFacts, name: OrderEventName): string {
  const transition = decide(facts, event(name));
  if (transition.kind === 'refused') return transition.code;
  if (transition.kind !== 'change') return transition.kind;
  return transition.states.join(' → ') || 'noted';
}

describe('what an event does to an order', () => {
  const names = Object.keys(expected) as OrderEventName[];

  it.each(names)('%s, in each state', (name) => {
    const outcomes = orderStatuses.map((status) => [status, outcome(order(status), name)]);
    expect(Object.fromEntries(outcomes)).toEqual(expected[name]);
  });

  it('captured after booked completes the order at once, by way of paid', () => {
    const transition = decide(order('awaiting_payment', true), event('payment-captured'));
    expect(transition).toEqual({ kind: 'change', states: ['paid', 'completed'], ...booked });
  });

  it('booked after captured completes the order', () => {
    const transition = decide(order('paid'), event('sale-booked'));
    expect(transition).toEqual({ kind: 'change', states: ['completed'], ...booked });
  });

  it('booked before captured is remembered and moves nothing', () => {
    const transition = decide(order('awaiting_payment'), event('sale-booked'));
    expect(transition).toEqual({ kind: 'change', states: [], ...booked });
  });

  it.each(['awaiting_payment', 'completed', 'payment_failed'] as const)(
    'booked twice, when %s, is the same',
    (status) => {
      expect(decide(order(status, true), event('sale-booked'))).toEqual({ kind: 'same' });
    },
  );

  it('a declined order stays booked, so that its reversal has something to reverse', () => {
    const transition = decide(order('awaiting_payment', true), event('payment-declined'));
    expect(transition).toEqual({ kind: 'change', states: ['payment_failed'], ...booked });
  });

  it.each([
    { amount: 1_249, currency: 'USD' as const },
    { amount: 1_250, currency: 'EUR' as const },
  ])('a payment of another sum ($amount $currency) is refused in any state', (payment) => {
    const captured = { ...event('payment-captured'), payment };
    const code = 'payment_captured_amount_differs';
    expect(decide(order('awaiting_payment'), captured)).toEqual({ kind: 'refused', code });
    expect(decide(order('paid'), captured)).toEqual({ kind: 'refused', code });
  });

  it('a payment of the right sum is taken', () => {
    const payment = { amount: 1_250, currency: 'USD' as const };
    const transition = decide(order('awaiting_payment'), { ...event('payment-captured'), payment });
    expect(transition).toMatchObject({ kind: 'change', states: ['paid'] });
  });

  it('captured after a cancellation takes the order back until the money is returned', () => {
    const captured = decide(order('cancelled'), event('payment-captured'));
    expect(captured).toMatchObject({ kind: 'change', states: ['cancel_pending'], refunded: false });
    const returned = decide(order('cancel_pending'), event('payment-refunded'));
    expect(returned).toMatchObject({ kind: 'change', states: ['cancelled'], refunded: true });
  });

  it('captured after its own refund changes nothing: the money is back already', () => {
    const refunded = decide(order('cancelled'), event('payment-refunded'));
    expect(refunded).toEqual({ kind: 'change', states: [], booked: false, refunded: true });
    const captured = decide(order('cancelled', false, true), event('payment-captured'));
    expect(captured).toEqual({ kind: 'same' });
  });

  it('nothing leaves an end', () => {
    for (const status of ['rejected', 'payment_failed'] as const) {
      for (const name of names) {
        const transition = decide(order(status), event(name));
        expect(transition.kind === 'change' ? transition.states : []).toEqual([]);
      }
    }
  });

  it('a completed order is left by its cancellation alone', () => {
    for (const name of names.filter((one) => one !== 'cancel-requested')) {
      const transition = decide(order('completed', true), event(name));
      expect(transition.kind === 'change' ? transition.states : []).toEqual([]);
    }
  });

  it('a cancelled order is left by a late capture alone, and comes back', () => {
    for (const name of names.filter((one) => one !== 'payment-captured')) {
      const transition = decide(order('cancelled'), event(name));
      expect(transition.kind === 'change' ? transition.states : []).toEqual([]);
    }
  });
});

/**
 * Every order that any events at all can make, each with what was applied to it on the way there:
 * all of them, since facts and events are few.
 */
function reachable(): { facts: OrderFacts; applied: ReadonlySet<OrderEventName> }[] {
  const names = Object.keys(expected) as OrderEventName[];
  const first = { facts: order('pending'), applied: new Set<OrderEventName>() };
  const found = new Map([['', first]]);
  for (const { facts, applied } of found.values()) {
    for (const name of names) {
      const transition = decide(facts, event(name));
      if (transition.kind !== 'change' && transition.kind !== 'same') continue;
      const next = { facts: { ...facts }, applied: new Set([...applied, name]) };
      if (transition.kind === 'change') {
        const { states, booked, refunded } = transition;
        Object.assign(next.facts, { booked, refunded, status: states.at(-1) ?? facts.status });
      }
      const { status, booked, refunded } = next.facts;
      found.set([status, booked, refunded, ...[...next.applied].sort()].join(' '), next);
    }
  }
  return [...found.values()];
}

describe('a copy of an event that was applied', () => {
  it('changes nothing, whatever was applied in between', () => {
    const orders = reachable();
    expect(orders.length).toBeGreaterThan(100);
    for (const { facts, applied } of orders) {
      for (const name of applied) {
        const outcome = { ...facts, name, ...decide(facts, event(name)) };
        expect(outcome).toEqual({ ...facts, name, kind: 'same' });
      }
    }
  });
});

describe('a state', () => {
  it('is final when nothing leads out of it', () => {
    expect(orderStatuses.filter(isFinal)).toEqual(['rejected', 'payment_failed']);
  });
});
