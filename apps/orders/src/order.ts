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
  | 'payment-captured'
  | 'payment-declined'
  | 'payment-refunded'
  | 'sale-booked';

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
  total: number;
  currency: Currency;
}

export type Verdict =
  /** The order goes through `states`, in their order (maybe none), and is `booked` or not. */
  | { kind: 'change'; states: OrderStatus[]; booked: boolean }
  /** The order shows this event already. */
  | { kind: 'same' }
  /** The state that allows the event is not here yet: it is for later. */
  | { kind: 'early' }
  /** No state that this order can still reach allows the event. */
  | { kind: 'refused'; code: string };

type Effect = OrderStatus | 'same' | 'early';

/**
 * What each event does in each state. A cell names the next state; `same`: nothing changes; an
 * empty cell: refused. Order of arrival is not guaranteed, so a sale may be booked before or after
 * its payment was captured or declined. Nothing about payment or booking is said before the commit
 * that leaves `pending`, so an event that meets `pending` comes from beyond the ordinary (a
 * database restored to an earlier hour) and is worth trying again: `early`.
 */
const effects: Record<HappeningName, Partial<Record<OrderStatus, Effect>>> = {
  'customer-known': {
    pending: 'awaiting_payment',
    ...settled(),
  },
  'customer-refused': {
    pending: 'rejected',
    ...settled(),
  },
  'payment-captured': {
    pending: 'early',
    awaiting_payment: 'paid',
    paid: 'same',
    completed: 'same',
  },
  'payment-declined': {
    pending: 'early',
    awaiting_payment: 'payment_failed',
    payment_failed: 'same',
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
};

/** Who the customer is was asked and answered: a second answer, even another, changes nothing. */
function settled(): Partial<Record<OrderStatus, Effect>> {
  const later = orderStatuses.filter((status) => status !== 'pending');
  return Object.fromEntries(later.map((status) => [status, 'same'] as const));
}

/** The only place that decides what becomes of an order. */
export function decide(order: OrderFacts, event: Happening): Verdict {
  const { paid } = event;
  if (paid && (paid.amount !== order.total || paid.currency !== order.currency)) {
    return { kind: 'refused', code: `${codeOf(event.name)}_amount_differs` };
  }
  const effect = effects[event.name][order.status];
  if (effect === undefined) {
    return { kind: 'refused', code: `${codeOf(event.name)}_when_${order.status}` };
  }
  if (effect === 'early') return { kind: 'early' };

  const booked = order.booked || event.name === 'sale-booked';
  if (effect === 'same') {
    return booked === order.booked ? { kind: 'same' } : { kind: 'change', states: [], booked };
  }
  // Completed is paid and booked, whichever comes last.
  const states: OrderStatus[] = effect === 'paid' && booked ? ['paid', 'completed'] : [effect];
  return { kind: 'change', states, booked };
}

/** Event names are kebab-case, error codes are snake_case. */
function codeOf(name: HappeningName): string {
  return name.replaceAll('-', '_');
}
