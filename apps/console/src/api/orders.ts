/**
 * | request | answer |
 * |---|---|
 * | GET  /api/products | { items: Product[] } |
 * | GET  /api/customers | { items: {id, name}[] } |
 * | GET  /api/orders?status=&customerId=&cursor=&limit= | Page of Order |
 * | POST /api/orders NewOrder | 201 OrderDetails |
 * | POST /api/orders/:id/cancel {reason} | OrderDetails |
 * | POST /api/bursts NewBurst | 202 Burst; GET /api/bursts/:id Burst; POST /api/bursts/:id/stop |
 */

export interface Product {
  sku: string;
  name: string;
  /** Minor units by currency. */
  prices: Record<string, number>;
}

export interface Order {
  id: string;
  status: string;
  customerId: string;
  customerName: string | null;
  currency: string;
  total: number;
  items: { sku: string; quantity: number; unitPrice: number; [more: string]: unknown }[];
  createdAt: string;
}

export interface OrderDetails extends Order {
  timeline: { state: string; at: string; cause: string }[];
}

export interface NewOrder {
  customerId: string;
  currency: string;
  items: { sku: string; quantity: number }[];
  /** How the payment should end. */
  payment: 'approve' | 'decline' | 'timeout-once' | 'timeout' | 'unknown-customer';
}

export interface NewBurst extends NewOrder {
  /** 1 to 5,000 */
  count: number;
  /** A second, 1 to 500 */
  rate: number;
}

export interface Burst {
  id: string;
  count: number;
  rate: number;
  sent: number;
  accepted: number;
  refused: number;
  state: 'running' | 'stopped' | 'done';
  problem?: string;
}

export interface Payment {
  id: string;
  orderId: string;
  status: string;
  amount: number;
  currency: string;
  declineReason: string | null;
  createdAt: string;
  /** When its status last changed. */
  updatedAt: string;
  attempts: {
    number: number;
    operation: string;
    outcome: string;
    worker: string;
    at: string;
    [more: string]: unknown;
  }[];
  [more: string]: unknown;
}
