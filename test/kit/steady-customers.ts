import { setTimeout as delay } from 'node:timers/promises';
import { fetch } from 'undici';

const everyMs = 100;
const answerMs = 15_000;
const order = { customerId: '1', currency: 'USD', items: [{ sku: 'MUG-BLUE', quantity: 1 }] };

/** Where a balancer would send requests now. */
export type Balanced = ReadonlyMap<'orders' | 'payments' | 'users', ReadonlySet<string>>;

/** They order at a steady pace and look what becomes of it; each request is sent once. */
export class SteadyCustomers {
  /** Ids of the orders that were taken. */
  readonly accepted: string[] = [];
  /** Answers that no customer should get. */
  readonly failures: string[] = [];
  private readonly asking = new Set<Promise<void>>();
  private isOver = false;
  private asked = 0;
  private readonly coming: Promise<void>;

  constructor(private readonly balanced: Balanced) {
    this.coming = this.come();
  }

  /** Resolves when the last is answered. */
  async leave(): Promise<void> {
    this.isOver = true;
    await this.coming;
    await Promise.all(this.asking);
  }

  private async come(): Promise<void> {
    for (; !this.isOver; await delay(everyMs)) {
      const one = this.buy().catch((error: unknown) => void this.failures.push(String(error)));
      this.asking.add(one);
      void one.finally(() => this.asking.delete(one));
    }
  }

  private async buy(): Promise<void> {
    const { id = '' } = await this.ask('orders', '/v1/orders', order);
    this.accepted.push(id);
    await this.ask('orders', `/v1/orders/${id}`);
    await this.ask('payments', `/v1/payments?orderId=${id}`);
    await this.ask('users', '/v1/users/1');
  }

  private async ask(
    service: 'orders' | 'payments' | 'users',
    path: string,
    body?: object,
  ): Promise<{ id?: string }> {
    const urls = [...(this.balanced.get(service) ?? [])];
    this.asked += 1;
    const url = `${urls[this.asked % urls.length]}${path}`;
    const response = await fetch(url, {
      method: body ? 'POST' : 'GET',
      headers: { 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(answerMs),
    }).catch((error: Error) => {
      throw new Error(`${url}: ${error.message}`, { cause: error });
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${url} was answered ${response.status} ${text}`);
    return JSON.parse(text) as { id?: string };
  }
}
