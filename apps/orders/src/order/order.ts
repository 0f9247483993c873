import type { Currency } from '@tradepost/contracts';

export const orderStatuses = [
  'pending',
  'awaiting_payment',
  'paid',
  'completed',
  'rejected',
  'payment_failed',
  'cancel_pending',
  'cancelled',
] as const;

export type OrderStatus = (typeof orderStatuses)[number];

/** What can happen to an order after it was placed. */
export type HappeningName =
  | 'customer-known'
  | 'customer-refused'
  | 'confirmation-expired'
  | 'payment-captured'
  | 'payment-declined'
  | 'payment-refunded'
  | 'sale-booked'
  | 'cancel-requested';

export interface Happening {
  name: HappeningName;
  /** Said in the timeline, and in the logs. */
  cause: string;
  /** What an event about a payment says was paid; it has to be what the order costs. */
  paid?: Money;
  /** Who the customer turned out to be. */
  customerName?: string;
}

export interface Money {
  /** Minor units of `currency`. */
  amount: number;
  currency: Currency;
}

/** The part of an order that decides what an event does to it. */
export interface OrderFacts {
  status: OrderStatus;
  /** The sale stands in the ledger. */
  booked: boolean;
  /** What was paid has been given back. */
  refunded: boolean;
  total: number;
  currency: Currency;
}

type Fact = 'booked' | 'refunded';

export type Verdict =
  /** The order goes through `states`, in their order (maybe none), with these facts. */
  | ({ kind: 'change'; states: OrderStatus[] } & Record<Fact, boolean>)
  /** The order shows this event already. */
  | { kind: 'same' }
  /** The state that allows the event is not here yet: it is for later. */
  | { kind: 'early' }
  /** No state that this order can still reach allows the event. */
  | { kind: 'refused'; code: string };

/** The states that follow, one after another: they hang on what is known of the order by now. */
export interface Fork {
  when: Fact;
  then: OrderStatus[];
  otherwise: OrderStatus[];
}

export type Effect = OrderStatus | 'same' | 'early' | Fork;

/** Completed is paid and booked, whichever comes last. */
const paidMaybeCompleted: Fork = {
  when: 'booked',
  then: ['paid', 'completed'],
  otherwise: ['paid'],
};

/** The charge was on its way when the order was cancelled; its refund may have overtaken it. */
const capturedTooLate: Fork = { when: 'refunded', then: [], otherwise: ['cancel_pending'] };

/**
 * What each event does in each state. A cell names the next state; `same`: nothing changes; an
 * empty cell: refused. Order of arrival is not guaranteed, so a sale may be booked before or after
 * its payment was captured or declined. Nothing about payment or booking is said before the commit
 * that leaves `pending`, so an event that meets `pending` comes from beyond the ordinary (a
 * database restored to an earlier hour) and is worth trying again: `early`.
 *
 * An order that awaits its payment is cancelled at once: payments takes no money for it any more
 * and gives back what it has. Only a capture that payments had committed by then is said at all,
 * and it takes the order back to `cancel_pending` until that money is returned. So `cancelled`
 * never hides money that orders knows of.
 */
export const effects: Record<HappeningName, Partial<Record<OrderStatus, Effect>>> = {
  'customer-known': {
    pending: 'awaiting_payment',
    ...settled(),
  },
  'customer-refused': {
    pending: 'rejected',
    ...settled(),
  },
  'confirmation-expired': {
    pending: 'rejected',
    ...settled(),
  },
  'payment-captured': {
    pending: 'early',
    awaiting_payment: paidMaybeCompleted,
    paid: 'same',
    completed: 'same',
    cancel_pending: 'same',
    cancelled: capturedTooLate,
  },
  'payment-declined': {
    pending: 'early',
    awaiting_payment: 'payment_failed',
    payment_failed: 'same',
    cancel_pending: 'same',
    cancelled: 'same',
  },
  'payment-refunded': {
    cancel_pending: 'cancelled',
    cancelled: 'same',
  },
  'sale-booked': {
    pending: 'early',
    awaiting_payment: 'same',
    paid: 'completed',
    completed: 'same',
    payment_failed: 'same',
    cancel_pending: 'same',
    cancelled: 'same',
  },
  'cancel-requested': {
    pending: 'cancelled',
    awaiting_payment: 'cancelled',
    paid: 'cancel_pending',
    completed: 'cancel_pending',
    cancel_pending: 'same',
    cancelled: 'same',
  },
};

/** What an event makes known for good, whatever the order's state. */
export const reveals: Partial<Record<HappeningName, Fact>> = {
  'sale-booked': 'booked',
  'payment-refunded': 'refunded',
};

/** Who the customer is was answered, or given up: whatever comes later changes nothing. */
function settled(): Partial<Record<OrderStatus, Effect>> {
  const later = orderStatuses.filter((status) => status !== 'pending');
  return Object.fromEntries(later.map((status) => [status, 'same'] as const));
}

/** Whether nothing that can happen leads out of this state. */
export function isFinal(status: OrderStatus): boolean {
  return Object.values(effects).every(({ [status]: effect }) => {
    if (typeof effect === 'object') return [...effect.then, ...effect.otherwise].length === 0;
    return effect === undefined || effect === 'same' || effect === 'early' || effect === status;
  });
}

/** The only place that decides what becomes of an order. */
export function decide(order: OrderFacts, event: Happening): Verdict {
  const { paid, name } = event;
  if (paid && (paid.amount !== order.total || paid.currency !== order.currency)) {
    return { kind: 'refused', code: `${codeOf(name)}_amount_differs` };
  }
  const effect = effects[name][order.status];
  if (effect === undefined) {
    return { kind: 'refused', code: `${codeOf(name)}_when_${order.status}` };
  }
  if (effect === 'early') return { kind: 'early' };

  const known = (fact: Fact): boolean => order[fact] || reveals[name] === fact;
  const booked = known('booked');
  const refunded = known('refunded');
  const states = statesOf(effect, known);
  const news = booked !== order.booked || refunded !== order.refunded;
  if (states.length === 0 && !news) return { kind: 'same' };
  return { kind: 'change', states, booked, refunded };
}

function statesOf(effect: Exclude<Effect, 'early'>, known: (fact: Fact) => boolean): OrderStatus[] {
  if (effect === 'same') return [];
  if (typeof effect === 'string') return [effect];
  return known(effect.when) ? effect.then : effect.otherwise;
}

/** Event names are kebab-case, error codes are snake_case. */
function codeOf(name: HappeningName): string {
  return name.replaceAll('-', '_');
}
