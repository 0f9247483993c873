import type { OrderStatus } from '../order/order';
import type { OrderDetails } from '../order/order-details';

/** The states of an order that merchants can hear of. */
const webhookStates = ['paid', 'completed', 'payment_failed', 'cancelled'] as const;

/** The events that an endpoint can subscribe to: the `type` of a webhook. */
export type WebhookType = `order.${(typeof webhookStates)[number]}`;

export const webhookTypes = webhookStates.map((state): WebhookType => `order.${state}`);

function typeOf(state: OrderStatus): WebhookType | undefined {
  return webhookTypes.find((type) => type === `order.${state}`);
}

/** A subscribed URL, as the HTTP API shows it: without its secret. */
export interface Endpoint {
  id: string;
  url: string;
  events: WebhookType[];
  createdAt: Date;
  /** From then on it receives no webhooks. */
  disabledAt: Date | null;
  disabledReason: string | null;
}

/**
 * `pending`: not delivered yet. `delivered`: answered 2xx. `parked`: given up, a dead letter of
 * `orders.deliver-webhook`. `dropped`: its endpoint was disabled or deleted meanwhile.
 */
export const deliveryStatuses = ['pending', 'delivered', 'parked', 'dropped'] as const;

export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** One webhook event for one endpoint. */
export interface Delivery {
  id: string;
  orderId: string;
  type: WebhookType;
  status: DeliveryStatus;
  attempts: number;
  /** The HTTP status of the last try's answer. */
  lastStatus: number | null;
  /** Why the last try failed. */
  lastError: string | null;
  createdAt: Date;
  lastAttemptAt: Date | null;
  deliveredAt: Date | null;
}

/** What one state of an order is to merchants. */
export interface WebhookEvent {
  type: WebhookType;
  /** JSON text. */
  body: string;
}

/** The types of the states that merchants can subscribe to. */
export function typesOf(states: readonly OrderStatus[]): WebhookType[] {
  return states.flatMap((state) => typeOf(state) ?? []);
}

/**
 * The events of an order that went through `states`: each with the order as it was then, so that a
 * webhook never shows another state than its own.
 * @param steps entries of its timeline up to the last of the states
 */
export function webhookEventsOf(
  order: OrderDetails,
  states: readonly OrderStatus[],
  steps: number,
): WebhookEvent[] {
  const { timeline } = order;
  const before = steps - states.length;
  return states.flatMap((status, index) => {
    const type = typeOf(status);
    const entry = timeline[before + index];
    if (!type || !entry) return [];
    const data = { ...order, status, timeline: timeline.slice(0, before + index + 1) };
    return { type, body: JSON.stringify({ type, timestamp: entry.at, data }) };
  });
}
