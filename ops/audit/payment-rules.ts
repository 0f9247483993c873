import { isEnd, type Facts, type Order, type Payment } from './facts';
import { rule, type Rule } from './rule';

const asOrder = ({ id }: Order) => ({ subject: id, orderId: id });
const asPayment = ({ id, orderId }: Payment) => ({ subject: id, orderId });

const sold: readonly string[] = ['paid', 'completed'];

/** Sold, and not given back: the money is here, or about to be booked. */
export const isSold = ({ status }: Order) => sold.includes(status);

/** It has come to an end, and that was no sale. */
export const isUnsold = (order: Order) => isEnd(order.status) && !isSold(order);

export function* ordersThat(facts: Facts, are: (order: Order) => boolean): Iterable<Order> {
  for (const order of facts.orders.values()) if (are(order)) yield order;
}

export const amountText = ({ currency, amount }: { currency: string; amount: number }) =>
  `${amount} ${currency}`;

const listed = (payments: Payment[]) =>
  payments.map((one) => `${one.id} (${one.status}, ${amountText(one)})`).join(', ') || 'none';

const harmless: readonly string[] = ['declined', 'cancelled', 'refunded'];

export const paymentRules: Rule[] = [
  rule<Payment>({
    name: 'payment-has-order',
    of: ({ payments }) => payments.values(),
    as: asPayment,
    breach: ({ orderId }, { orders }) => !orders.has(orderId) && `there is no order ${orderId}`,
  }),
  rule<[orderId: string, payments: Payment[]]>({
    name: 'one-payment-per-order',
    of: ({ paymentsOf }) => paymentsOf,
    as: ([orderId]) => ({ subject: orderId, orderId }),
    breach: ([, payments]) => payments.length > 1 && `its payments: ${listed(payments)}`,
  }),
  rule<Order>({
    name: 'sold-order-is-paid',
    of: (facts) => ordersThat(facts, isSold),
    as: asOrder,
    breach: ({ id, status, currency, total }, { paymentsOf }) => {
      const payments = paymentsOf.get(id) ?? [];
      const [payment] = payments;
      const asked = amountText({ currency, amount: total });
      const paid = payments.length === 1 && payment?.status === 'captured' && amountText(payment);
      return paid !== asked && `it is ${status}, ${asked}; payments captured: ${listed(payments)}`;
    },
  }),
  rule<Order>({
    name: 'unsold-order-is-unpaid',
    of: (facts) => ordersThat(facts, isUnsold),
    as: asOrder,
    breach: ({ id, status }, { paymentsOf }) => {
      const payments = paymentsOf.get(id) ?? [];
      if (status === 'rejected' && payments.length > 0) {
        return `it is rejected, and has payments: ${listed(payments)}`;
      }
      const open = payments.filter((payment) => !harmless.includes(payment.status));
      return open.length > 0 && `it is ${status}, and its payment is not undone: ${listed(open)}`;
    },
  }),
  rule<Order>({
    name: 'cancelled-after-refund',
    of: (facts) => ordersThat(facts, ({ timeline }) => cancelledAfterLock(timeline) !== undefined),
    as: asOrder,
    breach: ({ id, timeline }, { paymentsOf }, { clockSkewMs }) => {
      const [payment] = paymentsOf.get(id) ?? [];
      const cancelledAt = cancelledAfterLock(timeline) ?? 0;
      const refundedAt = payment?.refundedAt;
      if (refundedAt === undefined) return 'it is cancelled, and nothing was refunded';
      return (
        refundedAt > cancelledAt + clockSkewMs &&
        `cancelled at ${time(cancelledAt)}, payment ${payment?.id} refunded at ${time(refundedAt)}`
      );
    },
  }),
];

/** When the order first became cancelled after its refund. */
function cancelledAfterLock(timeline: Order['timeline']): number | undefined {
  return timeline.find(
    ({ state }, i) => state === 'cancelled' && timeline[i - 1]?.state === 'cancel_pending',
  )?.at;
}

const time = (at: number) => new Date(at).toISOString();
