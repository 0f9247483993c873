import { eventually, type Shop } from '@tradepost/test-kit';
import type { Service } from '../../apps/services';

export interface OrderRequest {
  customerId: string;
  currency: string;
  items: { sku: string; quantity: number }[];
  paymentToken?: string;
}

export interface Order {
  id: string;
  status: string;
  total: number;
  currency: string;
  customerName: string | null;
  timeline: { state: string; at: string; cause: string }[];
}

export interface Payment {
  id: string;
  status: string;
  amount: number;
  currency: string;
  attempts: { outcome: string; worker: string }[];
}

export interface Entry {
  kind: string;
  postings: { account: string; side: string; currency: string; amount: number }[];
}

export interface Balance {
  account: string;
  currency: string;
  balance: number;
}

export interface LogLine {
  level: string;
  service: string;
  message: string;
  /** Of a log line; an alert has none. */
  data?: Record<string, unknown> | null;
}

interface Items<T> {
  items: T[];
}

/** The shop as its customers and its bookkeeper see it: HTTP, nothing else. */
export class Storefront {
  constructor(private readonly shop: Shop) {}

  async place(request: OrderRequest, headers: Record<string, string> = {}): Promise<Order> {
    const response = await fetch(`${this.shop.url('orders')}/v1/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(request),
    });
    if (response.status !== 201) {
      throw new Error(`POST /v1/orders: ${response.status} ${await response.text()}`);
    }
    return (await response.json()) as Order;
  }

  /** Whatever the answer is; of a refusal `order` is the problem. */
  async cancel(id: string, reason: string): Promise<{ status: number; order: Order }> {
    const response = await fetch(`${this.shop.url('orders')}/v1/orders/${id}/cancel`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ reason }),
    });
    return { status: response.status, order: (await response.json()) as Order };
  }

  async order(id: string): Promise<Order> {
    return this.get('orders', `/v1/orders/${id}`);
  }

  /** The order, once it has come to `status`. */
  async orderWhen(id: string, status: string, { withinMs = 15_000 } = {}): Promise<Order> {
    return eventually(
      async () => {
        const order = await this.order(id);
        if (order.status === status) return order;
        throw new Error(`not ${status} but ${order.status}: ${JSON.stringify(order.timeline)}`);
      },
      { withinMs, everyMs: 50 },
    );
  }

  async payments(orderId: string): Promise<Payment[]> {
    return (await this.get<Items<Payment>>('payments', `/v1/payments?orderId=${orderId}`)).items;
  }

  async entries(orderId: string): Promise<Entry[]> {
    const path = `/v1/ledger/entries?orderId=${orderId}`;
    return (await this.get<Items<Entry>>('financial', path)).items;
  }

  async balances(): Promise<Balance[]> {
    return (await this.get<Items<Balance>>('financial', '/v1/ledger/balances')).items;
  }

  async logs(query: Record<string, string>): Promise<LogLine[]> {
    const path = `/v1/logs?${new URLSearchParams(query).toString()}`;
    return (await this.get<Items<LogLine>>('log-sink', path)).items;
  }

  async alerts(query: Record<string, string>): Promise<LogLine[]> {
    const path = `/v1/alerts?${new URLSearchParams(query).toString()}`;
    return (await this.get<Items<LogLine>>('log-sink', path)).items;
  }

  async readiness(app: Service): Promise<number> {
    return (await fetch(`${this.shop.url(app)}/health/ready`)).status;
  }

  private async get<T>(app: Service, path: string): Promise<T> {
    const response = await fetch(`${this.shop.url(app)}${path}`);
    if (!response.ok) {
      throw new Error(`${app} GET ${path}: ${response.status} ${await response.text()}`);
    }
    return (await response.json()) as T;
  }
}

/** Debit less credit of each account, in minor units. */
export function netOf(entries: Entry[]): Record<string, number> {
  const net: Record<string, number> = {};
  for (const { account, side, amount } of entries.flatMap(({ postings }) => postings)) {
    net[account] = (net[account] ?? 0) + (side === 'debit' ? amount : -amount);
  }
  return net;
}
