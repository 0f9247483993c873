import type { OrderStatus } from '../order/order';
import type { OrderDetails } from '../order/order-details';

/** What an endpoint can be told, as the `type` of a webhook. */
export const webhookTypes = [
  'order.paid',
  'order.completed',
  'order.payment_failed',
  'order.cancelled',
] as const;

export type WebhookType = (typeof webhookTypes)[number];

const typeOfState: Partial<Record<OrderStatus, WebhookType>> = {
  paid: 'order.paid',
  completed: 'order.completed',
  payment_failed: 'order.payment_failed',
  cancelled: 'order.cancelled',
};

/** A URL that wants to be told, as the HTTP API shows it: without its secret. */
export interface Endpoint {
  id: string;
  url: string;
  events: WebhookType[];
  createdAt: Date;
  /** Since then it gets nothing any more. */
  disabledAt: Date | null;
  disabledReason: string | null;
}

/**
 * `pending`: not there yet. `delivered`: answered 2xx. `parked`: given up, a dead letter of
 * `orders.deliver-webhook`. `dropped`: its endpoint was disabled or deleted meanwhile.
 */
export const deliveryStatuses = ['pending', 'delivered', 'parked', 'dropped'] as const;

export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** What was, or will be, told to one endpoint of one state of an order. */
export interface Delivery {
  id: string;
  orderId: string;
  type: WebhookType;
  status: DeliveryStatus;
  attempts: number;
  /** The HTTP status that the last try was answered with. */
  lastStatus: number | null;
  /** What the last try came to, when that was no 2xx. */
  lastError: string | null;
  createdAt: Date;
  lastAttemptAt: Date | null;
  deliveredAt: Date | null;
}

export interface News {
  type: WebhookType;
  /** JSON text. */
  body: string;
}

/** What there is to tell of the states; nothing of most. */
export function typesOf(states: readonly OrderStatus[]): WebhookType[] {
  return states.flatMap((state) => typeOfState[state] ?? []);
}

/**
 * What there is to tell of an order that has just gone through `states`: of each the order as it
 * was then, so that a webhook never shows another state than the one it tells of.
 */
export function newsOf(order: OrderDetails, states: readonly OrderStatus[]): News[] {
  const { timeline } = order;
  const before = timeline.length - states.length;
  return states.flatMap((status, index) => {
    const type = typeOfState[status];
    const entry = timeline[before + index];
    if (!type || !entry) return [];
    const data = { ...order, status, timeline: timeline.slice(0, before + index + 1) };
    return { type, body: JSON.stringify({ type, timestamp: entry.at, data }) };
  });
}

/** The header `webhook-id` of a delivery: the same on every try. */
export function webhookIdOf(deliveryId: string): string {
  return `msg_${deliveryId.replaceAll('-', '')}`;
}
