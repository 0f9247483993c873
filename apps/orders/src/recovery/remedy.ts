import type { Payment } from '@tradepost/contracts';
import type { Happening, OrderStatus } from '../order/order';

/** Where an order may stay for ever when a message about it is lost, or nobody handles it. */
export type PaymentStage = Extract<OrderStatus, 'awaiting_payment' | 'paid' | 'cancel_pending'>;

export type Remedy =
  /** payments has said this; orders has not heard it. */
  | { kind: 'apply'; event: Happening }
  /** Someone has not heard what orders said. */
  | { kind: 'say-again'; what: 'sale-finalized' | 'order-cancelled' }
  /** payments is at it, and looks after it itself. */
  | { kind: 'wait' }
  /** The two contradict each other as no lost message can make them: for a person. */
  | { kind: 'contradiction' };

const wait: Remedy = { kind: 'wait' };
const contradiction: Remedy = { kind: 'contradiction' };
const saleFinalized: Remedy = { kind: 'say-again', what: 'sale-finalized' };
const orderCancelled: Remedy = { kind: 'say-again', what: 'order-cancelled' };

/**
 * What moves an order on that has stayed in `stage`, by what payments knows of its payment. A sale
 * is finalized again only where payments has its payment, or never heard of the order and no money
 * can have moved: a second payment would be charged as well.
 * @param payment undefined: payments has none for the order
 */
export function remedyFor(stage: PaymentStage, payment: Payment | undefined): Remedy {
  switch (payment?.status) {
    case undefined:
      return stage === 'awaiting_payment' ? saleFinalized : contradiction;
    case 'pending':
    case 'refund_pending':
    case 'void_pending':
      return wait;
    case 'captured':
      if (stage === 'cancel_pending') return orderCancelled;
      // Paid and not booked: financial books it, or says again that it has.
      return stage === 'paid' ? saleFinalized : apply('payment-captured', payment);
    case 'declined':
      return stage === 'awaiting_payment' ? apply('payment-declined', payment) : contradiction;
    case 'refunded':
      return stage === 'cancel_pending' ? apply('payment-refunded', payment) : contradiction;
    case 'cancelled':
      return contradiction;
  }
}

function apply(name: Happening['name'], paid: Payment): Remedy {
  const cause = paid.declineReason === undefined ? name : `${name}: ${paid.declineReason}`;
  return { kind: 'apply', event: { name, cause, paid } };
}
