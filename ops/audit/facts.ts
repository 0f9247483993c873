/** What the services and the gateway report: all that the rules read. */

/** An order's states, as its service's documentation has them. */
export const nextStates: Readonly<Record<string, readonly string[]>> = {
  pending: ['awaiting_payment', 'rejected', 'cancelled'],
  awaiting_payment: ['paid', 'payment_failed', 'cancelled'],
  paid: ['completed', 'cancel_pending'],
  completed: ['cancel_pending'],
  cancel_pending: ['cancelled'],
  // A capture that was on its way when the order was cancelled.
  cancelled: ['cancel_pending'],
  rejected: [],
  payment_failed: [],
};

const ends: readonly string[] = ['completed', 'rejected', 'payment_failed', 'cancelled'];

export const isEnd = (status: string): boolean => ends.includes(status);

/** Money is in minor units of its currency; every `…At` and `at` in milliseconds since 1970. */
export interface Order {
  id: string;
  status: string;
  currency: string;
  total: number;
  createdAt: number;
  timeline: { state: string; at: number }[];
  /** How often it was listed, over all pages. */
  seen: number;
}

export interface Payment {
  id: string;
  orderId: string;
  status: string;
  currency: string;
  amount: number;
  updatedAt: number;
  /** When the gateway's answer to a refund was noted; undefined when none was. */
  refundedAt?: number;
}

export interface Posting {
  account: string;
  side: string;
  currency: string;
  amount: number;
}

export interface Entry {
  transactionId: string;
  orderId: string;
  kind: string;
  bookedAt: number;
  postings: Posting[];
}

/** The gateway's own record of what it did for a payment. */
export interface Charge {
  paymentId: string;
  currency: string;
  amount: number;
  /** Movements of money, either way. */
  captures: number;
  refunds: number;
}

export interface Balance {
  account: string;
  currency: string;
  debit: number;
  credit: number;
}

export interface LedgerFacts {
  /** Balances before and after the entries were read: what was booked meanwhile lies between. */
  before: Balance[];
  after: Balance[];
  trial: { currency: string; debit: number; credit: number }[];
  balanced: boolean;
}

/** A replica of a service, as its own health says. */
export interface Replica {
  service: string;
  url: string;
  /** Seconds; null: the replica could not find out. */
  outboxLag: number | null;
  /** By queue; null in either place: could not be found out, or the queue is not there. */
  deadLetters: Record<string, number | null> | null;
}

export interface DeadLetter {
  queue: string;
  id: string;
  errorCode: string;
  body: string;
}

export interface Facts {
  /** When the orders were read: their age is counted up to then. */
  readAt: number;
  orders: Map<string, Order>;
  payments: Map<string, Payment>;
  entries: Entry[];
  charges: Map<string, Charge>;
  ledger: LedgerFacts;
  replicas: Replica[];
  /** Of the queues that can be read; the others are in `unreadable`. */
  deadLetters: DeadLetter[];
  /** The state of the webhooks that dead letters are about, by the id their receivers know. */
  deliveries: Map<string, string>;
  /** Why the dead letters of a service, by its name, could not be read. */
  unreadable: Map<string, string>;
  paymentsOf: Map<string, Payment[]>;
  entriesOf: Map<string, Entry[]>;
}

export function groupBy<T>(items: Iterable<T>, keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

/** When anything about the order last changed, as far as was read. */
export function changedAt({ orders, paymentsOf, entriesOf }: Facts, orderId: string): number {
  const order = orders.get(orderId);
  return Math.max(
    order?.createdAt ?? 0,
    ...(order?.timeline ?? []).map(({ at }) => at),
    ...(paymentsOf.get(orderId) ?? []).map(({ updatedAt }) => updatedAt),
    ...(entriesOf.get(orderId) ?? []).map(({ bookedAt }) => bookedAt),
  );
}
