import {
  ChargePayment,
  ConfirmOrder,
  type Currency,
  OrderCancelled,
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
  RefundPayment,
  SaleBooked,
  SaleFinalized,
} from '@tradepost/contracts';
import type { Body, FanoutContract, WorkContract } from '@tradepost/messaging/contract';
import type { LedgerEntry } from '../api/ledger';
import type { OrderDetails, Payment } from '../api/orders';
import type { JourneyFacts } from './facts';

type SentContract = WorkContract | FanoutContract;

/** A message that was sent in the transaction of a record, its body made again from records. */
export interface OrderMessage {
  id: string;
  contract: SentContract;
  /** The service that sent it. */
  service: string;
  at: number;
  /** The hop of that record. */
  cause: string;
  /** It was sent after that, in a transaction of which no record is left. */
  isLater?: true;
  /** In words, what was recorded. */
  what: string;
  body: object;
  /** Fields that it may have had, and that no service shows. */
  without: string[];
}

/** In which hop, when, and what was recorded. */
type Proof = Pick<OrderMessage, 'at' | 'cause' | 'what' | 'isLater'> & { without?: string[] };

export const cancelRequested = 'cancel-requested';

/** The ids of hops that are made from records. */
export const hopId = {
  timeline: (index: number) => `timeline ${index}`,
  payment: (id: string) => `payment ${id}`,
  cancelledPayment: (id: string) => `payment ${id} cancelled`,
  attempt: (id: string, number: number) => `payment ${id} ${number}`,
  entry: (id: string) => `entry ${id}`,
};

/** The messages that what is recorded of an order proves. */
export function orderMessages(facts: JourneyFacts): OrderMessage[] {
  return [
    ...ofOrder(facts.order),
    ...facts.payments.flatMap((payment) => ofPayment(payment, facts.order)),
    ...facts.entries.flatMap(ofEntry),
  ];
}

/** Whether a message comes to this queue: `financial.sale-finalized` is a listener's. */
export function goesTo({ contract: { route } }: OrderMessage, queue: string): boolean {
  return route.kind === 'work' ? route.queue === queue : queue.endsWith(`.${route.exchange}`);
}

/** The compiler holds the body to what the contract says. */
function message<C extends SentContract>(
  service: string,
  contract: C,
  body: Body<C>,
  { without = [], ...proof }: Proof,
): OrderMessage {
  return { id: `sent ${contract.name}`, service, contract, body, without, ...proof };
}

function ofOrder(order: OrderDetails): OrderMessage[] {
  const { id: orderId, customerId, customerName } = order;
  return order.timeline.flatMap(({ state, at, cause: why }, index): OrderMessage[] => {
    const proof = { at: Date.parse(at), cause: hopId.timeline(index) };
    if (why === 'order-placed') {
      const what = 'the order was placed';
      return [message('orders', ConfirmOrder, { orderId, customerId }, { ...proof, what })];
    }
    const [name, reason] = partsOf(why);
    if (name === cancelRequested) {
      const what = 'the order was cancelled';
      return [message('orders', OrderCancelled, { orderId, reason }, { ...proof, what })];
    }
    if (state !== 'awaiting_payment' || customerName === null) return [];
    const body = saleOf(order, customerName, at);
    const what = 'the sale was finalized';
    return [message('orders', SaleFinalized, body, { ...proof, what, without: ['paymentToken'] })];
  });
}

function saleOf(order: OrderDetails, customerName: string, finalizedAt: string): SaleFinalized {
  const { id: orderId, customerId, total } = order;
  const currency = order.currency as Currency;
  const items = order.items.map(({ sku, quantity, unitPrice }) => ({ sku, quantity, unitPrice }));
  return { orderId, customerId, customerName, currency, total, items, finalizedAt };
}

function ofPayment(payment: Payment, order: OrderDetails): OrderMessage[] {
  const { id: paymentId, orderId, amount, status, createdAt } = payment;
  const facts = { paymentId, orderId, currency: payment.currency as Currency, amount };
  const declined = (proof: Omit<Proof, 'what'>) => {
    const { declineReason: reason } = payment;
    if (reason === null) return [];
    const what = 'the payment was declined';
    return [message('payments', PaymentDeclined, { ...facts, reason }, { ...proof, what })];
  };
  const sent = payment.attempts.flatMap(({ number, operation, outcome, at }): OrderMessage[] => {
    const proof = { at: Date.parse(at), cause: hopId.attempt(paymentId, number) };
    // A charge that timed out for good is declined once it is known to be given back.
    if (operation === 'refund' && status === 'declined') return declined(proof);
    if (operation === 'refund' && status === 'refunded') {
      const what = 'the payment was refunded';
      return [message('payments', PaymentRefunded, facts, { ...proof, what })];
    }
    if (operation !== 'charge') return [];
    if (outcome === 'declined') return declined(proof);
    if (outcome !== 'approved') return [];
    const what = 'the payment was captured';
    return [message('payments', PaymentCaptured, facts, { ...proof, what })];
  });
  const opened = { at: Date.parse(createdAt), cause: hopId.payment(paymentId) };
  const what = 'the payment was opened';
  const charge = message('payments', ChargePayment, { paymentId }, { ...opened, what });
  return [...(isOpenedCancelled(payment) ? [] : [charge]), ...refundOf(payment, order), ...sent];
}

/** Its order was cancelled before: nothing was to be charged. */
export function isOpenedCancelled({ status, createdAt, updatedAt }: Payment): boolean {
  return status === 'cancelled' && createdAt === updatedAt;
}

/** When the cancellation came; not known any more once the money was given back. */
export function cancelledAt(payment: Payment): string | undefined {
  const { status, updatedAt, attempts } = payment;
  if (status !== 'refund_pending' && status !== 'cancelled') return undefined;
  const isRefunded = attempts.some(({ operation }) => operation === 'refund');
  return isRefunded || isOpenedCancelled(payment) ? undefined : updatedAt;
}

function refundOf(payment: Payment, { timeline }: OrderDetails): OrderMessage[] {
  const { id: paymentId, status } = payment;
  const at = cancelledAt(payment);
  const send = (proof: Proof) => [message('payments', RefundPayment, { paymentId }, proof)];
  if (at !== undefined) {
    const what = 'the payment was to go back';
    return send({ at: Date.parse(at), cause: hopId.cancelledPayment(paymentId), what });
  }
  const index = timeline.findIndex(({ cause }) => partsOf(cause)[0] === cancelRequested);
  const cancel = timeline[index];
  // One that timed out goes back without a cancellation.
  if (cancel === undefined || status === 'declined' || status === 'void_pending') return [];
  const proof = { at: Date.parse(cancel.at), cause: hopId.timeline(index), isLater: true as const };
  return send({ ...proof, what: 'the order was cancelled' });
}

function ofEntry({ id, kind, orderId, bookedAt }: LedgerEntry): OrderMessage[] {
  if (kind !== 'sale') return [];
  const proof = { at: Date.parse(bookedAt), cause: hopId.entry(id), what: 'the sale was booked' };
  return [message('financial', SaleBooked, { orderId, transactionId: id }, proof)];
}

/** `payment-declined: card_declined` */
export function partsOf(cause: string): [name: string, reason: string] {
  const [name = ''] = cause.split(':', 1);
  return [name, cause.slice(name.length + 2)];
}
