import type { Currency, Payment as PaymentReply, PaymentFacts } from '@tradepost/contracts';
import type { Charge } from '../gateway/payment-gateway';

/**
 * pending → captured | declined | cancelled; captured → refund_pending → refunded. A payment stays
 * pending while it is unknown whether the money was taken: after a timeout of the gateway, or while
 * its charge is pending there. pending for too long → void_pending → declined.
 */
export type PaymentStatus = PaymentReply['status'];

export interface Payment {
  id: string;
  orderId: string;
  currency: Currency;
  /** Minor units of `currency`. */
  amount: number;
  /** How the customer pays, as the gateway knows it. */
  paymentToken: string | null;
  status: PaymentStatus;
  /** The gateway's word for why, of a declined payment. */
  declineReason: string | null;
}

export type NewPayment = Omit<Payment, 'status' | 'declineReason'>;

/** One call to the gateway about a payment's charge: to make it, or to give it back. */
export interface ChargeAttempt {
  operation: 'charge' | 'refund';
  outcome: 'approved' | 'declined' | 'pending' | 'timed_out' | 'unavailable' | 'nothing_taken';
}

/** What a payment becomes when its order is cancelled. */
export function afterCancellation(status: PaymentStatus): PaymentStatus {
  if (status === 'pending') return 'cancelled';
  if (status === 'captured') return 'refund_pending';
  return status;
}

/**
 * What a payment becomes when the gateway has given back what it took. Undefined: the money is not
 * to go back. A cancelled payment and one that is timed out may have been charged: the charge was
 * on its way, or its response lost, when they became so.
 */
export function afterRefund(status: PaymentStatus): PaymentStatus | undefined {
  if (status === 'cancelled') return 'cancelled';
  if (status === 'refund_pending') return 'refunded';
  if (status === 'void_pending') return 'declined';
  return undefined;
}

/** What every event about a payment carries. */
export function factsOf({ id, orderId, currency, amount }: Payment): PaymentFacts {
  return { paymentId: id, orderId, currency, amount };
}

/** What the gateway gets of it. */
export function chargeOf({ id, currency, amount, paymentToken }: Payment): Charge {
  return { paymentId: id, currency, amount, paymentToken };
}
