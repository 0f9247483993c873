import type { Payment } from '@tradepost/contracts';
import type { OrderEvent, OrderStatus } from '../order/order';

/** The states in which a lost or unhandled message leaves an order for ever. */
export type PaymentStage = Extract<OrderStatus, 'awaiting_payment' | 'paid' | 'cancel_pending'>;

export type Remedy =
  /** payments published this event; orders did not receive it. */
  | { kind: 'apply'; event: OrderEvent }
  /** Another service did not receive what orders sent. */
  | { kind: 'resend'; what: 'sale-finalized' | 'order-cancelled' }
  /** payments is working on it, and recovers it by itself. */
  | { kind: 'wait' }
  /** The services contradict each other in a way that no lost message explains: for a person. */
  | { kind: 'contradiction' };

const wait: Remedy = { kind: 'wait' };
const contradiction: Remedy = { kind: 'contradiction' };
const saleFinalized: Remedy = { kind: 'resend', what: 'sale-finalized' };
const orderCancelled: Remedy = { kind: 'resend', what: 'order-cancelled' };

/**
 * What moves an order on that has stayed in `stage`, by the state of its payment. The sale is
 * resent only where payments has the payment, or does not know the order and no money can have
 * moved: a second payment would be charged as well.
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
      // Paid and not booked: financial books it, or resends that it has.
      return stage === 'paid' ? saleFinalized : apply('payment-captured', payment);
    case 'declined':
      return stage === 'awaiting_payment' ? apply('payment-declined', payment) : contradiction;
    case 'refunded':
      return stage === 'cancel_pending' ? apply('payment-refunded', payment) : contradiction;
    case 'cancelled':
      return contradiction;
  }
}

function apply(name: OrderEvent['name'], payment: Payment): Remedy {
  const { declineReason } = payment;
  const cause = declineReason === undefined ? name : `${name}: ${declineReason}`;
  return { kind: 'apply', event: { name, cause, payment } };
}
