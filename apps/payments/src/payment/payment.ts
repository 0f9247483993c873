import type { Currency, Payment as Answer, PaymentRefunded } from '@tradepost/contracts';
import type { Charge } from '../gateway/payment-gateway';

/**
 * pending → captured | declined | cancelled; captured → refund_pending → refunded. A timeout of the
 * gateway leaves a payment pending, and so does a gateway that will tell later: nobody knows yet
 * whether the money was taken. pending for too long → void_pending → declined.
 */
export type PaymentStatus = Answer['status'];

export interface Payment {
  id: string;
  orderId: string;
  currency: Currency;
  /** Minor units of `currency`. */
  amount: number;
  /** How the customer pays, as the gateway knows it. */
  paymentToken: string | null;
  status: PaymentStatus;
}

export type NewPayment = Omit<Payment, 'status'>;

/** What one call of the gateway came to, and who made it. */
export interface Attempt {
  operation: 'charge' | 'refund';
  outcome: 'approved' | 'declined' | 'pending' | 'timed_out' | 'unavailable' | 'nothing_taken';
  worker: string;
}

/** What a payment becomes when its order is cancelled. */
export function afterCancellation(status: PaymentStatus): PaymentStatus {
  if (status === 'pending') return 'cancelled';
  if (status === 'captured') return 'refund_pending';
  return status;
}

/**
 * What a payment becomes when the gateway has given back what it took for it. Undefined: the money
 * is not to go back. It is of a cancelled payment too: a charge can be on its way, or its answer
 * lost, while the order is cancelled; and so it can be while the payment is timed out.
 */
export function afterRefund(status: PaymentStatus): PaymentStatus | undefined {
  if (status === 'cancelled') return 'cancelled';
  if (status === 'refund_pending') return 'refunded';
  if (status === 'void_pending') return 'declined';
  return undefined;
}

/** What every message about a payment says of it. */
export function factsOf({ id, orderId, currency, amount }: Payment): PaymentRefunded {
  return { paymentId: id, orderId, currency, amount };
}

/** What the gateway is told of it. */
export function chargeOf({ id, currency, amount, paymentToken }: Payment): Charge {
  return { paymentId: id, currency, amount, paymentToken };
}
