import type { Delivery, Endpoint } from '../src/webhooks/webhook';
import { type ApiResponse, OrdersApi } from './orders-api';

export type Registered = Endpoint & { secret: string };

interface Items<Item> {
  items: Item[];
  nextCursor: string | null;
}

/** The HTTP API of webhooks, as a merchant sees it. */
export class WebhooksApi {
  constructor(
    private readonly api: OrdersApi,
    private readonly url: string,
  ) {}

  async post<Body = Registered>(
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<ApiResponse<Body>> {
    const answer = await this.api.problem('/v1/webhooks', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return answer as unknown as ApiResponse<Body>;
  }

  /** Registers one that has to be taken. */
  async register(url: string, events?: string[]): Promise<Registered> {
    const { status, body, text } = await this.post({ url, events });
    if (status !== 201) throw new Error(`${status} ${text}`);
    return body;
  }

  async get<Body = Endpoint>(path = ''): Promise<ApiResponse<Body>> {
    return this.api.get<Body>(`/v1/webhooks${path}`);
  }

  async list(query = ''): Promise<Items<Endpoint>> {
    return (await this.get<Items<Endpoint>>(query)).body;
  }

  async deliveries(id: string, query = ''): Promise<Delivery[]> {
    return (await this.get<Items<Delivery>>(`/${id}/deliveries${query}`)).body.items;
  }

  /** @returns the HTTP status */
  async remove(id: string): Promise<number> {
    const { status } = await fetch(`${this.url}/v1/webhooks/${id}`, { method: 'DELETE' });
    return status;
  }

  async removeAll(): Promise<void> {
    for (const { id } of (await this.list('?limit=100')).items) await this.remove(id);
  }
}
