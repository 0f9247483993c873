import type { Charge, Payment } from './facts';
import { amountText } from './payment-rules';
import { everyPayment, rule, type Rule, type Subjects } from './rule';

const everyCharge: Subjects<Charge> = {
  of: ({ charges }) => charges.values(),
  as: ({ paymentId }) => ({ subject: paymentId }),
};

/** Charges that payments knows, each with its payment. */
const pairs: Subjects<{ charge: Charge; payment: Payment }> = {
  of: ({ charges, payments }) =>
    [...charges.values()].flatMap((charge) => {
      const payment = payments.get(charge.paymentId);
      return payment ? [{ charge, payment }] : [];
    }),
  as: ({ payment: { id, orderId } }) => ({ subject: id, orderId }),
};

/** Captures less refunds at the gateway, by the state of a decided payment. */
const held = new Map([
  ['captured', 1],
  ['declined', 0],
  ['cancelled', 0],
  ['refunded', 0],
]);

/** Rules about what the gateway itself says that it did. */
export const gatewayRules: Rule[] = [
  rule(
    'charge-has-payment',
    everyCharge,
    ({ paymentId, captures }, { payments }) =>
      !payments.has(paymentId) && `payments does not know it; the gateway captured ${captures}×`,
  ),
  rule(
    'captured-once',
    everyCharge,
    ({ captures }) => captures > 1 && `the gateway captured ${captures}×`,
  ),
  rule(
    'refunded-once',
    everyCharge,
    ({ refunds }) => refunds > 1 && `the gateway refunded ${refunds}×`,
  ),
  rule(
    'charge-matches-payment',
    pairs,
    ({ charge, payment }) =>
      amountText(charge) !== amountText(payment) &&
      `${amountText(payment)}, at the gateway ${amountText(charge)}`,
  ),
  rule('payment-matches-gateway', everyPayment, ({ id, status }, { charges }) => {
    const wanted = held.get(status);
    const charge = charges.get(id);
    const { captures, refunds } = charge ?? { captures: 0, refunds: 0 };
    if (wanted === undefined || captures - refunds === wanted) return undefined;
    const record = charge ? `${captures} captures and ${refunds} refunds` : 'no charge';
    return `it is ${status}, and the gateway has ${record}`;
  }),
];
