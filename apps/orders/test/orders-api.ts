import type { ProblemDetails } from '@tradepost/service';
import type { Order, OrderDetails } from '../src/order/order-details';

export interface ApiResponse<Body> {
  status: number;
  headers: Headers;
  text: string;
  body: Body;
}

export const mug = { customerId: '1', currency: 'USD', items: [{ sku: 'MUG-BLUE', quantity: 2 }] };

/** The HTTP API of orders, as a client sees it. */
export class OrdersApi {
  constructor(private readonly url: string) {}

  /** @param body an object is sent as JSON, a text as it is */
  async post<Body = OrderDetails>(
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<ApiResponse<Body>> {
    return this.send<Body>('/v1/orders', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  /** Places an order that has to be taken. */
  async place(order: object = mug): Promise<OrderDetails> {
    const { status, body, text } = await this.post(order);
    if (status !== 201) throw new Error(`${status} ${text}`);
    return body;
  }

  async cancel<Body = OrderDetails>(
    id: string,
    body: unknown = { reason: 'changed my mind' },
    headers: Record<string, string> = {},
  ): Promise<ApiResponse<Body>> {
    return this.send<Body>(`/v1/orders/${id}/cancel`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  }

  async order(id: string): Promise<OrderDetails> {
    return (await this.get<OrderDetails>(`/v1/orders/${id}`)).body;
  }

  async page(query: string): Promise<{ items: Order[]; nextCursor: string | null }> {
    const page = await this.get<{ items: Order[]; nextCursor: string | null }>(
      `/v1/orders?${query}`,
    );
    return page.body;
  }

  async get<Body>(path: string): Promise<ApiResponse<Body>> {
    return this.send<Body>(path, {});
  }

  async problem(path: string, init: RequestInit = {}): Promise<ApiResponse<ProblemDetails>> {
    return this.send<ProblemDetails>(path, init);
  }

  private async send<Body>(path: string, init: RequestInit): Promise<ApiResponse<Body>> {
    const { status, headers, ...response } = await fetchText(this.url + path, init);
    return { status, headers, text: response.text, body: JSON.parse(response.text) as Body };
  }
}

async function fetchText(url: string, init: RequestInit) {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) });
  return { status: response.status, headers: response.headers, text: await response.text() };
}
