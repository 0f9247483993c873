import { setTimeout as delay } from 'node:timers/promises';
import { Gate } from './gate';
import type { Plan } from './plans';
import { post, type Answer } from './shop-client';

/** What a customer knows of an order. */
export interface Placed {
  plan: Plan;
  /** Of the answered requests; more than one is a fault of the shop. */
  ids: Set<string>;
  /** A request was sent, answered or not. */
  asked: boolean;
  /** Its cancellation was asked for. */
  cancelAsked: boolean;
  /** How that was answered: 200, or 409 where there is no sale. */
  cancels: number[];
  /** Answers that no customer should get. */
  complaints: string[];
}

export interface CustomersOptions {
  plans: Plan[];
  /** The HTTP API of each process of orders. */
  urls: string[];
  /** The load is spread over so long. */
  spanMs: number;
  /** Tells the keys of this run from those of another. */
  run: string;
  signal: AbortSignal;
}

const atOnceMax = 64;

/** Everybody who orders something, each at their time, at most so many at once. */
export class Customers {
  readonly placed: Placed[];
  private readonly gate = new Gate();
  private under = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly options: CustomersOptions) {
    this.placed = options.plans.map((plan) => ({
      plan,
      ids: new Set(),
      asked: false,
      cancelAsked: false,
      cancels: [],
      complaints: [],
    }));
  }

  /** Of the orders that were accepted: answered by 201. */
  get accepted(): string[] {
    return this.placed.flatMap(({ ids }) => [...ids]);
  }

  /** Resolves when every request has been answered, or the signal has aborted. */
  async all(): Promise<void> {
    const { spanMs, signal } = this.options;
    const beganMs = performance.now();
    const everyMs = spanMs / this.placed.length;
    const under: Promise<void>[] = [];
    for (const placed of this.placed) {
      const waitMs = beganMs + placed.plan.number * everyMs - performance.now();
      if (waitMs > 1) await delay(waitMs, undefined, { signal }).catch(() => undefined);
      await this.slot();
      if (signal.aborted) break;
      under.push(this.one(placed));
    }
    await Promise.all(under);
  }

  private async one(placed: Placed): Promise<void> {
    try {
      await this.place(placed).finally(() => this.free());
      await Promise.all([this.again(placed), this.cancel(placed)]);
    } catch (error) {
      if (!this.options.signal.aborted) placed.complaints.push(String(error));
    }
  }

  private async place(placed: Placed): Promise<void> {
    placed.asked = true;
    const copies = Array.from({ length: placed.plan.copies }, () => this.request(placed));
    await Promise.all(copies);
  }

  private async again(placed: Placed): Promise<void> {
    const { againAfterMs } = placed.plan;
    if (againAfterMs === undefined) return;
    await this.pause(againAfterMs);
    await this.request(placed);
  }

  private async request(placed: Placed): Promise<void> {
    const { request, number } = placed.plan;
    const answer = await this.post('/v1/orders', `${this.options.run}-${number}`, request);
    const { id } = answer.body;
    if (answer.status === 201 && id !== undefined) placed.ids.add(id);
    else placed.complaints.push(`placing it was answered ${words(answer)}`);
  }

  private async cancel(placed: Placed): Promise<void> {
    const { cancelAfterMs, cancels, number } = placed.plan;
    const [id] = placed.ids;
    if (cancelAfterMs === undefined || id === undefined) return;
    await this.pause(cancelAfterMs);
    placed.cancelAsked = true;
    const asked = Array.from({ length: cancels }, async (_, i) => {
      const key = `${this.options.run}-${number}-cancel-${i}`;
      const answer = await this.post(`/v1/orders/${id}/cancel`, key, { reason: 'chaos' });
      placed.cancels.push(answer.status);
      if (answer.status === 200 || answer.status === 409) return;
      placed.complaints.push(`cancelling it was answered ${words(answer)}`);
    });
    await Promise.all(asked);
  }

  private post(path: string, key: string, body: object): Promise<Answer> {
    const { urls, signal } = this.options;
    return post({ urls, path, key, body, signal, gate: this.gate });
  }

  private async pause(timeMs: number): Promise<void> {
    await delay(timeMs, undefined, { signal: this.options.signal });
  }

  private async slot(): Promise<void> {
    if (this.under >= atOnceMax) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.under += 1;
  }

  private free(): void {
    this.under -= 1;
    this.waiting.shift()?.();
  }
}

function words({ status, body }: Answer): string {
  return `${status} ${body.detail ?? body.type ?? ''}`.trim();
}
