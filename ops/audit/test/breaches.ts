import type { DeadLetter, Entry, Order, Payment } from '../facts';
import { balancesOf, beganAt, entryOf, type Parts, paymentOf, timelineOf } from './sound-facts';

export const order = ({ orders }: Parts, id: string) =>
  orders.find((one) => one.id === id) as Order;
export const payment = ({ payments }: Parts, id: string) =>
  payments.find((one) => one.orderId === id) as Payment;
const charge = ({ charges }: Parts, id: string) =>
  charges.find((one) => one.paymentId === `${id}-payment`);

/** The kept balances follow what is booked, so that the books themselves are in order. */
function book(parts: Parts, entries: Entry[]): void {
  parts.entries = entries;
  parts.rest.ledger.before = balancesOf(entries);
  parts.rest.ledger.after = balancesOf(entries);
}

const without = <T>(items: T[], gone: (item: T) => boolean) => items.filter((item) => !gone(item));

export function goes(parts: Parts, id: string, states: string): void {
  const timeline = timelineOf(states.split(' '));
  Object.assign(order(parts, id), { timeline, status: timeline.at(-1)?.state });
}

export const deadLetter = (body: object): DeadLetter => ({
  queue: 'q',
  id: 'message',
  errorCode: 'gateway_timeout',
  body: JSON.stringify(body),
});

const replica = ({ rest }: Parts) => rest.replicas[0] as Parts['rest']['replicas'][0];

/** What is wrong, how it comes to be so, and what the rules name for it. */
type Breach = [what: string, change: (parts: Parts) => unknown, violations: string[]];

export const breaches: Breach[] = [
  [
    'an accepted order that is not there',
    (parts) => (parts.options = { ...parts.options, accepted: ['lost'] }),
    ['accepted-order-exists: lost'],
  ],
  [
    'an order that is listed twice',
    (parts) => (order(parts, 'sold').seen = 2),
    ['order-listed-once: sold'],
  ],
  [
    'an unknown state',
    (parts) => goes(parts, 'unseen', 'pending lost'),
    ['status-matches-timeline: unseen', 'transitions-allowed: unseen'],
  ],
  [
    'a timeline that says something else than the order',
    (parts) => (order(parts, 'sold').status = 'paid'),
    ['status-matches-timeline: sold'],
  ],
  [
    'an order without a timeline',
    (parts) => (order(parts, 'rejected').timeline = []),
    ['status-matches-timeline: rejected', 'transitions-allowed: rejected'],
  ],
  [
    'an order that goes where no order goes',
    (parts) => goes(parts, 'failed', 'pending paid awaiting_payment payment_failed'),
    ['transitions-allowed: failed'],
  ],
  [
    'a paid order that is cancelled without the lock',
    (parts) => goes(parts, 'refunded', 'pending awaiting_payment paid cancelled'),
    ['cancelled-through-cancel-pending: refunded'],
  ],
  [
    'a completed order that is cancelled without the lock, long ago',
    (parts) =>
      goes(
        parts,
        'refunded',
        'pending awaiting_payment paid completed cancelled cancel_pending cancelled',
      ),
    ['cancelled-through-cancel-pending: refunded'],
  ],
  [
    'an order that is on its way for too long',
    (parts) => (parts.rest.readAt = beganAt + 900_001),
    ['order-ends-in-time: underway'],
  ],
  [
    'an order that is on its way though all has settled',
    (parts) => (parts.options = { ...parts.options, settled: true }),
    ['order-ends-in-time: underway'],
  ],
  [
    'a payment whose order is not there',
    (parts) => (payment(parts, 'voided').orderId = 'unknown'),
    ['payment-has-order: voided-payment'],
  ],
  [
    'two payments of one order',
    (parts) => parts.payments.push({ ...paymentOf('failed', 'declined'), id: 'second' }),
    ['one-payment-per-order: failed'],
  ],
  [
    'a completed order that is paid twice',
    (parts) => parts.payments.push({ ...paymentOf('sold', 'captured'), id: 'second' }),
    ['one-payment-per-order: sold', 'sold-order-is-paid: sold', 'payment-matches-gateway: second'],
  ],
  [
    'a completed order without a payment',
    (parts) => {
      parts.payments = without(parts.payments, ({ orderId }) => orderId === 'sold');
    },
    [
      'sold-order-is-paid: sold',
      'charge-has-payment: sold-payment',
      'ledger-matches-payment: sold',
    ],
  ],
  [
    'a completed order that is paid with another amount',
    (parts) => {
      payment(parts, 'sold').amount -= 1;
      Object.assign(charge(parts, 'sold') ?? {}, { amount: 2_499 });
    },
    ['sold-order-is-paid: sold'],
  ],
  [
    'a completed order whose payment is pending',
    (parts) => (payment(parts, 'sold').status = 'pending'),
    ['sold-order-is-paid: sold'],
  ],
  [
    'a failed order whose payment was captured',
    (parts) => {
      payment(parts, 'failed').status = 'captured';
      Object.assign(charge(parts, 'failed') ?? {}, { captures: 1 });
    },
    ['unsold-order-is-unpaid: failed', 'ledger-matches-payment: failed'],
  ],
  [
    'a rejected order with a payment, be it cancelled',
    (parts) => parts.payments.push(paymentOf('rejected', 'cancelled')),
    ['unsold-order-is-unpaid: rejected'],
  ],
  [
    'an order that is cancelled before its refund',
    (parts) => (payment(parts, 'refunded').refundedAt = beganAt + 5_001),
    ['cancelled-after-refund: refunded'],
  ],
  [
    'a charge that payments does not know',
    (parts) =>
      parts.charges.push({ paymentId: 'p', currency: 'USD', amount: 1, captures: 1, refunds: 0 }),
    ['charge-has-payment: p'],
  ],
  [
    'money that was taken twice, and once given back',
    (parts) => Object.assign(charge(parts, 'sold') ?? {}, { captures: 2, refunds: 1 }),
    ['captured-once: sold-payment'],
  ],
  [
    'money that was given back twice',
    (parts) => Object.assign(charge(parts, 'refunded') ?? {}, { refunds: 2 }),
    ['refunded-once: refunded-payment', 'payment-matches-gateway: refunded-payment'],
  ],
  [
    'a charge of another currency',
    (parts) => Object.assign(charge(parts, 'sold') ?? {}, { currency: 'EUR' }),
    ['charge-matches-payment: sold-payment'],
  ],
  [
    'a captured payment that the gateway never heard of',
    (parts) => {
      parts.charges = without(parts.charges, ({ paymentId }) => paymentId === 'sold-payment');
    },
    ['payment-matches-gateway: sold-payment'],
  ],
  [
    'a cancelled payment that the gateway holds',
    (parts) => Object.assign(charge(parts, 'voided') ?? {}, { refunds: 0 }),
    ['payment-matches-gateway: voided-payment'],
  ],
  [
    'an entry whose order is not there',
    (parts) => book(parts, [...parts.entries, entryOf('unknown', 'sale')]),
    ['entry-has-order: unknown-sale'],
  ],
  [
    'an entry that does not balance',
    (parts) => {
      const [sale] = parts.entries;
      sale?.postings.pop();
      book(parts, parts.entries);
    },
    ['entry-balances: sold-sale', 'sold-order-is-booked: sold'],
  ],
  [
    'a sale that is booked twice',
    (parts) =>
      book(parts, [...parts.entries, { ...entryOf('underway', 'sale'), transactionId: 'again' }]),
    ['entry-booked-once: underway'],
  ],
  [
    'a completed order that is not booked',
    (parts) =>
      book(
        parts,
        without(parts.entries, ({ orderId, kind }) => orderId === 'sold' && kind === 'sale'),
      ),
    ['sold-order-is-booked: sold'],
  ],
  [
    'a completed order that is booked with another amount',
    (parts) => {
      const others = without(parts.entries, ({ orderId }) => orderId === 'sold');
      book(parts, [
        ...others,
        entryOf('sold', 'sale', 2_400),
        entryOf('sold', 'settlement', 2_400),
      ]);
    },
    ['sold-order-is-booked: sold'],
  ],
  [
    'a failed order whose sale stands',
    (parts) =>
      book(
        parts,
        without(parts.entries, ({ orderId, kind }) => orderId === 'failed' && kind === 'reversal'),
      ),
    ['unsold-order-nets-to-zero: failed'],
  ],
  [
    'a rejected order that was ever booked',
    (parts) =>
      book(parts, [...parts.entries, entryOf('rejected', 'sale'), entryOf('rejected', 'reversal')]),
    ['unsold-order-nets-to-zero: rejected'],
  ],
  [
    'a refund in the books that payments knows nothing of',
    (parts) => (payment(parts, 'refunded').status = 'cancelled'),
    ['ledger-matches-payment: refunded'],
  ],
  [
    'a currency whose columns differ',
    (parts) => {
      parts.rest.ledger.balanced = false;
      parts.rest.ledger.trial = [{ currency: 'USD', debit: 10_000, credit: 9_999 }];
    },
    ['trial-balance: USD'],
  ],
  [
    'a trial balance that says no, and not where',
    (parts) => (parts.rest.ledger.balanced = false),
    ['trial-balance: all'],
  ],
  [
    'balances that have lost an entry',
    (parts) => {
      const [first] = parts.rest.ledger.after;
      parts.rest.ledger.after[0] = {
        ...first,
        debit: (first?.debit ?? 0) - 1,
      } as (typeof parts.rest.ledger.after)[0];
    },
    ['balances-match-entries: cash USD'],
  ],
  [
    'balances that have more than was ever booked',
    (parts) =>
      parts.rest.ledger.before.push({ account: 'cash', currency: 'EUR', debit: 5, credit: 0 }),
    ['balances-match-entries: cash EUR'],
  ],
  [
    'an outbox that is behind',
    (parts) => (replica(parts).outboxLag = 5.1),
    ['outbox-empty: orders http://orders'],
  ],
  [
    'an outbox with a message though all has settled',
    (parts) => {
      parts.options = { ...parts.options, settled: true };
      replica(parts).outboxLag = 0.1;
    },
    ['order-ends-in-time: underway', 'outbox-empty: orders http://orders'],
  ],
  [
    'an outbox that cannot be read',
    (parts) => (replica(parts).outboxLag = null),
    ['outbox-empty: orders http://orders'],
  ],
  [
    'dead letters that cannot be counted',
    (parts) => (replica(parts).deadLetters = null),
    ['dead-letters-counted: orders http://orders'],
  ],
  [
    'dead letters that cannot be read',
    (parts) => {
      replica(parts).deadLetters = { 'orders.confirm-order.dead': 2 };
      parts.rest.unreadable.set('orders', 'set OPS_TOKEN');
    },
    ['dead-letters-readable: orders.confirm-order.dead'],
  ],
  [
    'a dead-letter queue that is not there',
    (parts) => (replica(parts).deadLetters = { 'orders.confirm-order.dead': null }),
    ['dead-letters-readable: orders.confirm-order.dead'],
  ],
  [
    'a dead letter about nothing',
    (parts) => parts.rest.deadLetters.push(deadLetter({ level: 'info' })),
    ['dead-letter-explained: q message'],
  ],
  [
    'a dead letter that is not JSON',
    (parts) => parts.rest.deadLetters.push({ ...deadLetter({}), body: 'no' }),
    ['dead-letter-explained: q message'],
  ],
  [
    'a dead letter about an unknown order',
    (parts) => parts.rest.deadLetters.push(deadLetter({ orderId: 'unknown' })),
    ['dead-letter-explained: q message'],
  ],
  [
    'a dead letter about an order that is on its way',
    (parts) => parts.rest.deadLetters.push(deadLetter({ paymentId: 'underway-payment' })),
    ['dead-letter-explained: q message'],
  ],
  [
    'a dead letter about an order that breaks a rule',
    (parts) => {
      Object.assign(charge(parts, 'voided') ?? {}, { refunds: 0 });
      parts.rest.deadLetters.push(deadLetter({ paymentId: 'voided-payment' }));
    },
    ['payment-matches-gateway: voided-payment', 'dead-letter-explained: q message'],
  ],
  [
    'a dead letter about a webhook that is still on its way',
    (parts) => {
      parts.rest.deliveries.set('msg_0193', 'pending');
      parts.rest.deadLetters.push(deadLetter({ deliveryId: '01-93' }));
    },
    ['dead-letter-explained: q message'],
  ],
];
