import { isEnd, type Order, type Payment } from './facts';
import { byOrder, everyPayment, ordersThat, rule, type Rule } from './rule';

const sold: readonly string[] = ['paid', 'completed'];

/** Sold, and not given back: the money is here, or about to be booked. */
export const isSold = ({ status }: Order) => sold.includes(status);

/** It has come to an end, and that was no sale. */
export const isUnsold = (order: Order) => isEnd(order.status) && !isSold(order);

export const amountText = ({ currency, amount }: { currency: string; amount: number }) =>
  `${amount} ${currency}`;

const listed = (payments: Payment[]) =>
  payments.map((one) => `${one.id} (${one.status}, ${amountText(one)})`).join(', ') || 'none';

const harmless: readonly string[] = ['declined', 'cancelled', 'refunded'];

export const paymentRules: Rule[] = [
  rule(
    'payment-has-order',
    everyPayment,
    ({ orderId }, { orders }) => !orders.has(orderId) && `there is no order ${orderId}`,
  ),
  rule(
    'one-payment-per-order',
    byOrder(({ paymentsOf }) => paymentsOf),
    ([, payments]) => payments.length > 1 && `its payments: ${listed(payments)}`,
  ),
  rule(
    'sold-order-is-paid',
    ordersThat(isSold),
    ({ id, status, currency, total }, { paymentsOf }) => {
      const payments = paymentsOf.get(id) ?? [];
      const [payment] = payments;
      const asked = amountText({ currency, amount: total });
      const paid = payments.length === 1 && payment?.status === 'captured' && amountText(payment);
      return paid !== asked && `it is ${status}, ${asked}; payments captured: ${listed(payments)}`;
    },
  ),
  rule('unsold-order-is-unpaid', ordersThat(isUnsold), ({ id, status }, { paymentsOf }) => {
    const payments = paymentsOf.get(id) ?? [];
    if (status === 'rejected' && payments.length > 0) {
      return `it is rejected, and has payments: ${listed(payments)}`;
    }
    const open = payments.filter((payment) => !harmless.includes(payment.status));
    return open.length > 0 && `it is ${status}, and its payment is not undone: ${listed(open)}`;
  }),
  rule(
    'cancelled-after-refund',
    ordersThat(({ timeline }) => cancelledAfterLock(timeline) !== undefined),
    ({ id, timeline }, { paymentsOf }, { clockSkewMs }) => {
      const [payment] = paymentsOf.get(id) ?? [];
      const cancelledAt = cancelledAfterLock(timeline) ?? 0;
      const refundedAt = payment?.refundedAt;
      if (refundedAt === undefined) return 'it is cancelled, and nothing was refunded';
      return (
        refundedAt > cancelledAt + clockSkewMs &&
        `cancelled at ${time(cancelledAt)}, payment ${payment?.id} refunded at ${time(refundedAt)}`
      );
    },
  ),
];

/** When the order first became cancelled after its refund. */
function cancelledAfterLock(timeline: Order['timeline']): number | undefined {
  return timeline.find(
    ({ state }, i) => state === 'cancelled' && timeline[i - 1]?.state === 'cancel_pending',
  )?.at;
}

const time = (at: number) => new Date(at).toISOString();
