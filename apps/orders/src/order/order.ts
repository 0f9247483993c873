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

/** The events that an order can meet after it was placed. */
export type OrderEventName =
  | 'customer-known'
  | 'customer-refused'
  | 'confirmation-expired'
  | 'payment-captured'
  | 'payment-declined'
  | 'payment-refunded'
  | 'sale-booked'
  | 'cancel-requested';

export interface OrderEvent {
  name: OrderEventName;
  /** As the timeline and the logs have it. */
  cause: string;
  /** Of an event about a payment: its amount, which has to be the order's total. */
  payment?: Money;
  /** As users knows the customer. */
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
  /** The payment was given back. */
  refunded: boolean;
  total: number;
  currency: Currency;
}

type Fact = 'booked' | 'refunded';

export type Transition =
  /** The order goes through `states` in their order (perhaps none), with these facts. */
  | ({ kind: 'change'; states: OrderStatus[] } & Record<Fact, boolean>)
  /** The order shows the event already. */
  | { kind: 'same' }
  /** The order has not reached the state that allows the event: retry later. */
  | { kind: 'early' }
  /** No state that the order can still reach allows the event. */
  | { kind: 'refused'; code: string };

/** The states that follow, one after another, depending on a fact of the order. */
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
 * its payment was captured or declined. No event about payment or booking is sent before the
 * commit that leaves `pending`, so one that meets `pending` has an extraordinary cause (a database
 * restored to an earlier hour) and is retried: `early`.
 *
 * An order that awaits its payment is cancelled at once: payments then charges nothing more for it
 * and refunds what it has charged. Only a capture that payments had committed by then is published,
 * and it takes the order back to `cancel_pending` until the refund. So `cancelled` never hides
 * money that orders knows of.
 */
export const effects: Record<OrderEventName, Partial<Record<OrderStatus, Effect>>> = {
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

/** The fact that an event establishes for good, whatever the order's state. */
export const reveals: Partial<Record<OrderEventName, Fact>> = {
  'sale-booked': 'booked',
  'payment-refunded': 'refunded',
};

/** The customer is known, refused or given up: a later event of this kind changes nothing. */
function settled(): Partial<Record<OrderStatus, Effect>> {
  const later = orderStatuses.filter((status) => status !== 'pending');
  return Object.fromEntries(later.map((status) => [status, 'same'] as const));
}

/** Whether no event leads out of this state. */
export function isFinal(status: OrderStatus): boolean {
  const all = Object.values(effects).map(({ [status]: effect }) => effect);
  return all.every((effect) => effect === undefined || effect === 'same');
}

/** The only place that decides the next state of an order. */
export function decide(order: OrderFacts, event: OrderEvent): Transition {
  const { payment, name } = event;
  if (payment && (payment.amount !== order.total || payment.currency !== order.currency)) {
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
  const isNew = booked !== order.booked || refunded !== order.refunded;
  if (states.length === 0 && !isNew) return { kind: 'same' };
  return { kind: 'change', states, booked, refunded };
}

function statesOf(effect: Exclude<Effect, 'early'>, known: (fact: Fact) => boolean): OrderStatus[] {
  if (effect === 'same') return [];
  if (typeof effect === 'string') return [effect];
  return known(effect.when) ? effect.then : effect.otherwise;
}

/** Event names are kebab-case, error codes are snake_case. */
function codeOf(name: OrderEventName): string {
  return name.replaceAll('-', '_');
}
