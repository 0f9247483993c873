import type { TokenSource } from '@tradepost/service';
import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../time';
import { postJson, type Answer } from '../post-json';
import type { OrderWatch } from './order-watch';
import type { Purchase } from './purchases';
import type { Tally } from './tally';
import type { Histogram } from './histogram';

/**
 * Requests that wait for their answers; beyond that what is due is not sent, and counted. More than
 * a replica of orders lets wait before it says `too-busy`.
 */
const waitingMax = 2_000;
const timeoutMs = 15_000;
const triesMax = 2;

export interface CustomersOptions {
  ordersUrl: string;
  purchases: Iterator<Purchase, unknown>;
  watch: OrderWatch;
  tally: Tally;
  /** Of who may place and cancel for everybody; none where everyone may. */
  token?: TokenSource;
}

/** Everyone who buys: sends orders when they are due, and cancels some of them. */
export class Customers {
  /** Its latencies are of one step of a ramp. */
  step?: Histogram;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: waitingMax });
  /** Keys of this run and of no other. */
  private readonly run = randomBytes(6).toString('hex');
  private readonly leaving = new AbortController();
  private readonly acting = new Set<Promise<void>>();
  private posting = 0;

  constructor(private readonly options: CustomersOptions) {
    // Everyone who is about to cancel listens.
    setMaxListeners(0, this.leaving.signal);
  }

  /** Sends the next order. @param dueMs when it was due, as `performance.now()` has it */
  buy(dueMs: number): void {
    const { tally, purchases } = this.options;
    const purchase = purchases.next().value as Purchase;
    if (this.posting >= waitingMax) {
      tally.notSent += 1;
      return;
    }
    tally.sent += 1;
    this.track(this.place(purchase, tally.sent, dueMs));
  }

  /** Resolves when every request has been answered. */
  async idle(): Promise<void> {
    while (this.acting.size > 0) await Promise.all(this.acting);
  }

  /** Nobody cancels any more who has not begun to, and nobody asks twice. */
  leave(): void {
    this.leaving.abort();
  }

  close(): void {
    this.leave();
    this.agent.destroy();
  }

  private track(work: Promise<void>): void {
    const acting = work.finally(() => this.acting.delete(acting));
    this.acting.add(acting);
  }

  private async place(purchase: Purchase, number: number, dueMs: number): Promise<void> {
    const { tally, watch } = this.options;
    this.posting += 1;
    const answer = await this.post('/v1/orders', `${number}`, purchase.order);
    this.posting -= 1;
    const { id } = answer?.status === 201 ? partsOf(answer) : {};
    if (id === undefined) return this.notAccepted(answer);
    tally.accepted += 1;
    const tookMs = performance.now() - dueMs;
    tally.post.add(tookMs);
    this.step?.add(tookMs);
    watch.accepted(id);
    const { cancelAfterMs } = purchase;
    if (cancelAfterMs === undefined) return;
    watch.cancelling(id, 'asked');
    this.track(this.cancel(id, number, cancelAfterMs));
  }

  private notAccepted(answer: Answer | undefined): void {
    const { tally } = this.options;
    if (answer === undefined) {
      tally.unanswered += 1;
      return;
    }
    const { type = 'no problem+json' } = partsOf(answer);
    const problem = type.slice(type.lastIndexOf('/') + 1);
    if (problem === 'too-busy') tally.tooBusy += 1;
    else tally.refused += 1;
    tally.problem(`${answer.status} ${problem}`);
  }

  private async cancel(id: string, number: number, afterMs: number): Promise<void> {
    const { watch, tally } = this.options;
    const { signal } = this.leaving;
    await delay(afterMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return watch.cancelling(id, undefined);
    tally.cancels.asked += 1;
    const reason = { reason: 'changed my mind' };
    const answer = await this.post(`/v1/orders/${id}/cancel`, `${number}-cancel`, reason);
    watch.cancelling(id, answer?.status === 200 ? 'yes' : undefined);
    if (answer?.status === 200) tally.cancels.accepted += 1;
    // There is no sale to cancel: it was rejected, or its payment has failed.
    else if (answer?.status === 409) tally.cancels.refused += 1;
    else tally.cancels.failed += 1;
  }

  /**
   * Sent again with its key when it was not answered: it is done once in any case. A problem is an
   * answer.
   */
  private async post(path: string, key: string, body: object): Promise<Answer | undefined> {
    const { ordersUrl, tally, token } = this.options;
    const url = new URL(`${ordersUrl}${path}`);
    const own = { 'idempotency-key': `traffic-${this.run}-${key}` };
    for (let tried = 1; ; tried += 1) {
      try {
        const headers = { ...own, ...(token && { authorization: `Bearer ${await token()}` }) };
        return await postJson(url, JSON.stringify(body), { agent: this.agent, headers, timeoutMs });
      } catch (error) {
        if (tried < triesMax && !this.leaving.signal.aborted) continue;
        tally.problem(messageOf(error));
        return undefined;
      }
    }
  }
}

/** What counts of an order or a problem; nothing of what is no JSON. */
function partsOf({ text }: Answer): { id?: string; type?: string } {
  try {
    return JSON.parse(text) as { id?: string; type?: string };
  } catch {
    return {};
  }
}
