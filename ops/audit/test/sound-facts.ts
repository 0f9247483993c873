import {
  groupBy,
  type Balance,
  type Charge,
  type Entry,
  type Facts,
  type Order,
  type Payment,
} from '../facts';
import { defaultOptions } from '../audit';
import type { AuditOptions } from '../rule';

/** What can be changed of a sound system; what follows from it is derived. */
export interface Parts {
  orders: Order[];
  payments: Payment[];
  entries: Entry[];
  charges: Charge[];
  rest: Omit<Facts, 'orders' | 'payments' | 'entries' | 'charges' | 'paymentsOf' | 'entriesOf'>;
  options: AuditOptions;
}

export const beganAt = Date.parse('2026-11-01T12:00:00Z');
const total = 2_500;
const USD = 'USD';

const paths = {
  sold: 'pending awaiting_payment paid completed',
  // Its reversal was booked before its payment was heard of.
  reinstated: 'pending awaiting_payment paid completed',
  refunded: 'pending awaiting_payment paid completed cancel_pending cancelled',
  late: 'pending awaiting_payment cancelled cancel_pending cancelled',
  voided: 'pending awaiting_payment cancelled',
  unseen: 'pending cancelled',
  failed: 'pending awaiting_payment payment_failed',
  rejected: 'pending rejected',
  underway: 'pending awaiting_payment',
} as const;

const settled = ['sale', 'settlement'];

const rest: Record<
  keyof typeof paths,
  [payment: string, captures: number, refunds: number, kinds: string[]]
> = {
  sold: ['captured', 1, 0, settled],
  reinstated: ['captured', 1, 0, ['sale', 'reversal', 'settlement', 'reinstatement']],
  refunded: ['refunded', 1, 1, [...settled, 'refund']],
  late: ['refunded', 1, 1, [...settled, 'reversal', 'reinstatement', 'refund']],
  voided: ['cancelled', 1, 1, ['sale', 'reversal']],
  unseen: ['', 0, 0, []],
  failed: ['declined', 0, 0, ['sale', 'reversal']],
  rejected: ['', 0, 0, []],
  underway: ['pending', 1, 0, ['sale']],
};

const sides: Record<string, [debit: string, credit: string]> = {
  sale: ['receivable', 'revenue'],
  settlement: ['cash', 'receivable'],
  reversal: ['revenue', 'receivable'],
  reinstatement: ['receivable', 'revenue'],
  refund: ['refunds', 'cash'],
};

/** An order of each kind, named after its kind: `sold`, its payment `sold-payment`, and so on. */
export function soundParts(): Parts {
  const kinds = Object.keys(paths) as (keyof typeof paths)[];
  const entries = kinds.flatMap((id) => rest[id][3].map((kind) => entryOf(id, kind)));
  const paid = kinds.filter((id) => rest[id][0] !== '');
  return {
    orders: kinds.map((id) => orderOf(id, paths[id].split(' '))),
    payments: paid.map((id) => paymentOf(id, rest[id][0])),
    entries,
    charges: paid.map((id) => {
      const [, captures, refunds] = rest[id];
      return { paymentId: `${id}-payment`, currency: USD, amount: total, captures, refunds };
    }),
    rest: {
      readAt: beganAt + 60_000,
      ledger: {
        before: balancesOf(entries),
        after: balancesOf(entries),
        trial: [{ currency: USD, debit: 10_000, credit: 10_000 }],
        balanced: true,
      },
      replicas: ['orders', 'payments'].map((service) => ({
        service,
        url: `http://${service}`,
        outboxLag: 0,
        deadLetters: {},
      })),
      deadLetters: [],
      deliveries: new Map(),
      unreadable: new Map(),
    },
    options: { ...defaultOptions, accepted: kinds },
  };
}

export function factsOf({ orders, payments, entries, charges, rest: others }: Parts): Facts {
  return {
    ...others,
    orders: new Map(orders.map((order) => [order.id, order])),
    payments: new Map(payments.map((payment) => [payment.id, payment])),
    entries,
    charges: new Map(charges.map((charge) => [charge.paymentId, charge])),
    paymentsOf: groupBy(payments, ({ orderId }) => orderId),
    entriesOf: groupBy(entries, ({ orderId }) => orderId),
  };
}

/** A second apart, the first at `beganAt`. */
export function timelineOf(states: string[]): Order['timeline'] {
  return states.map((state, i) => ({ state, at: beganAt + i * 1_000 }));
}

function orderOf(id: string, states: string[]): Order {
  const timeline = timelineOf(states);
  const status = states.at(-1) ?? '';
  return { id, status, currency: USD, total, createdAt: beganAt, timeline, seen: 1 };
}

export function paymentOf(orderId: string, status: string): Payment {
  // After the cancellation was asked for, and before the order is cancelled.
  const refundedAt = status === 'refunded' ? beganAt + 3_500 : undefined;
  const updatedAt = beganAt + 3_500;
  return {
    id: `${orderId}-payment`,
    orderId,
    status,
    currency: USD,
    amount: total,
    updatedAt,
    refundedAt,
  };
}

export function entryOf(orderId: string, kind: string, amount = total): Entry {
  const [debit = '', credit = ''] = sides[kind] ?? [];
  return {
    transactionId: `${orderId}-${kind}`,
    orderId,
    kind,
    bookedAt: beganAt + 2_000,
    postings: [
      { account: debit, side: 'debit', currency: USD, amount },
      { account: credit, side: 'credit', currency: USD, amount },
    ],
  };
}

export function balancesOf(entries: Entry[]): Balance[] {
  const accounts = ['cash', 'receivable', 'refunds', 'revenue'];
  const sum = (account: string, side: string) =>
    entries
      .flatMap(({ postings }) => postings)
      .filter((posting) => posting.account === account && posting.side === side)
      .reduce((amount, posting) => amount + posting.amount, 0);
  return accounts.map((account) => ({
    account,
    currency: USD,
    debit: sum(account, 'debit'),
    credit: sum(account, 'credit'),
  }));
}
