import type { Currency } from '@tradepost/contracts';
import type { OrderStatus } from './order';
import type { OrderLine } from './price-order';

/** An order as the HTTP API shows it. */
export interface Order {
  id: string;
  status: OrderStatus;
  customerId: string;
  /** Null until users has identified the customer. */
  customerName: string | null;
  currency: Currency;
  /** Minor units of `currency`. */
  total: number;
  items: OrderLine[];
  /** ISO 8601, UTC. */
  createdAt: string;
}

/** @param customer undefined: whoever may see every order */
export function isOf(customer: string | undefined, { customerId }: Order): boolean {
  return customer === undefined || customerId === customer;
}

export interface TimelineEntry {
  state: OrderStatus;
  at: string;
  cause: string;
}

export interface OrderDetails extends Order {
  timeline: TimelineEntry[];
}
