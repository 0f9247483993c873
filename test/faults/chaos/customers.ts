import { setTimeout as delay } from 'node:timers/promises';
import { fetch } from 'undici';
import { inParallel } from '../harness/parallel';
import { ConcurrencyLimit } from './concurrency-limit';
import type { Purchase } from './purchases';

export interface PlacedPurchase {
  purchase: Purchase;
  /** Of the requests answered by 201; more than one is a fault of the shop. */
  ids: Set<string>;
  /** A request was sent, answered or not. */
  asked: boolean;
  cancelAsked: boolean;
  /** How that was answered: 200, or 409 where there is no sale. */
  cancels: number[];
  /** Answers that no customer should get. */
  problems: string[];
}

interface HttpResponse {
  status: number;
  body: { id?: string; status?: string; type?: string; detail?: string };
}

export interface CustomersOptions {
  purchases: Purchase[];
  urls: string[];
  /** The load is spread over so long. */
  spanMs: number;
  /** Tells the keys of this run from those of another. */
  run: string;
  signal: AbortSignal;
}

const placingMax = 64;
const answerMs = 5_000;
const retryMs = { min: 100, max: 1_000 };

/** Everyone who orders something, each at their time, at most so many at once. */
export class Customers {
  readonly placed: PlacedPurchase[];
  private readonly limit = new ConcurrencyLimit();
  private requests = 0;

  constructor(private readonly options: CustomersOptions) {
    this.placed = options.purchases.map((purchase) => {
      const asked = { asked: false, cancelAsked: false };
      return { purchase, ids: new Set(), ...asked, cancels: [], problems: [] };
    });
  }

  /** Resolves when every request has been answered, or the signal has aborted. */
  async all(): Promise<void> {
    const { spanMs, signal } = this.options;
    const beganMs = performance.now();
    const everyMs = spanMs / this.placed.length;
    const later: Promise<void>[] = [];
    await inParallel(this.placed, placingMax, async (one) => {
      const waitMs = beganMs + one.purchase.number * everyMs - performance.now();
      await this.pause(waitMs).catch(() => undefined);
      if (signal.aborted) return;
      one.asked = true;
      const { copies } = one.purchase;
      const requests = Array.from({ length: copies }, () => this.request(one));
      await this.noting(one, Promise.all(requests));
      later.push(this.noting(one, Promise.all([this.again(one), this.cancel(one)])));
    });
    await Promise.all(later);
  }

  private async noting({ problems }: PlacedPurchase, work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (!this.options.signal.aborted) problems.push(String(error));
    }
  }

  private async again(placed: PlacedPurchase): Promise<void> {
    const { againAfterMs } = placed.purchase;
    if (againAfterMs === undefined) return;
    await this.pause(againAfterMs);
    await this.request(placed);
  }

  private async request({ purchase, ids, problems }: PlacedPurchase): Promise<void> {
    const response = await this.post('/v1/orders', `${purchase.number}`, purchase.request);
    const { id } = response.body;
    if (response.status === 201 && id !== undefined) ids.add(id);
    else problems.push(`placing it was answered ${textOf(response)}`);
  }

  private async cancel(placed: PlacedPurchase): Promise<void> {
    const { cancelAfterMs, cancels, number } = placed.purchase;
    const [id] = placed.ids;
    if (cancelAfterMs === undefined || id === undefined) return;
    await this.pause(cancelAfterMs);
    placed.cancelAsked = true;
    const asked = Array.from({ length: cancels }, async (_, i) => {
      const path = `/v1/orders/${id}/cancel`;
      const response = await this.post(path, `${number}-cancel-${i}`, { reason: 'chaos' });
      placed.cancels.push(response.status);
      if (response.status === 200 || response.status === 409) return;
      placed.problems.push(`cancelling it was answered ${textOf(response)}`);
    });
    await Promise.all(asked);
  }

  /** Asks each process in turn, with the same key, until there is an answer that is final. */
  private async post(path: string, key: string, body: object): Promise<HttpResponse> {
    const { urls, signal, run } = this.options;
    for (let tries = 0; ; tries += 1) {
      signal.throwIfAborted();
      this.requests += 1;
      const url = `${urls[this.requests % urls.length]}${path}`;
      const attempt = () => postOnce(url, `${run}-${key}`, body);
      const response = await this.limit.run(attempt).catch(() => undefined);
      if (response && !response.again) return response;
      await this.pause(Math.min(retryMs.min * 2 ** tries, retryMs.max)).catch(() => undefined);
    }
  }

  private async pause(timeMs: number): Promise<void> {
    await delay(Math.max(0, timeMs), undefined, { signal: this.options.signal });
  }
}

async function postOnce(url: string, key: string, body: object) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(answerMs),
  });
  const { status, headers } = response;
  const stillRunning = status === 409 && headers.has('retry-after');
  const again = status >= 500 || status === 429 || stillRunning;
  const text = await response.text();
  return { status, body: JSON.parse(text || '{}') as HttpResponse['body'], again };
}

function textOf({ status, body }: HttpResponse): string {
  return `${status} ${body.detail ?? body.type ?? ''}`.trim();
}
