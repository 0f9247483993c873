import type { Charge, Facts, Payment } from './facts';
import { amountText } from './payment-rules';
import { rule, type Rule } from './rule';

/** A charge that payments knows, and the payment that it is of. */
interface Pair {
  charge: Charge;
  payment: Payment;
}

function* pairs({ charges, payments }: Facts): Iterable<Pair> {
  for (const charge of charges.values()) {
    const payment = payments.get(charge.paymentId);
    if (payment) yield { charge, payment };
  }
}

const asCharge = ({ paymentId }: Charge) => ({ subject: paymentId });
const asPair = ({ payment: { id, orderId } }: Pair) => ({ subject: id, orderId });

/** Captures less refunds at the gateway, by the state of a decided payment. */
const held = new Map([
  ['captured', 1],
  ['declined', 0],
  ['cancelled', 0],
  ['refunded', 0],
]);

/** Rules about what the gateway itself says that it did. */
export const gatewayRules: Rule[] = [
  rule<Charge>({
    name: 'charge-has-payment',
    of: ({ charges }) => charges.values(),
    as: asCharge,
    breach: ({ paymentId, captures }, { payments }) =>
      !payments.has(paymentId) && `payments does not know it; the gateway captured ${captures}×`,
  }),
  rule<Charge>({
    name: 'captured-once',
    of: ({ charges }) => charges.values(),
    as: asCharge,
    breach: ({ captures }) => captures > 1 && `the gateway captured ${captures}×`,
  }),
  rule<Charge>({
    name: 'refunded-once',
    of: ({ charges }) => charges.values(),
    as: asCharge,
    breach: ({ refunds }) => refunds > 1 && `the gateway refunded ${refunds}×`,
  }),
  rule<Pair>({
    name: 'charge-matches-payment',
    of: pairs,
    as: asPair,
    breach: ({ charge, payment }) =>
      amountText(charge) !== amountText(payment) &&
      `${amountText(payment)}, at the gateway ${amountText(charge)}`,
  }),
  rule<Payment>({
    name: 'payment-matches-gateway',
    of: ({ payments }) => payments.values(),
    as: ({ id, orderId }) => ({ subject: id, orderId }),
    breach: ({ id, status }, { charges }) => {
      const wanted = held.get(status);
      const charge = charges.get(id);
      const { captures, refunds } = charge ?? { captures: 0, refunds: 0 };
      if (wanted === undefined || captures - refunds === wanted) return undefined;
      const record = charge ? `${captures} captures and ${refunds} refunds` : 'no charge';
      return `it is ${status}, and the gateway has ${record}`;
    },
  }),
];
