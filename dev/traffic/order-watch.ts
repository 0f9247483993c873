import { setTimeout as delay } from 'node:timers/promises';
import type { TokenSource } from '@tradepost/service';
import { read, Unreachable } from '../../ops/audit/client';
import { ends, type End, type Tally } from './tally';

interface Order {
  id: string;
  status: string;
  timeline: { state: string; at: string }[];
}

interface OpenOrder {
  /** Which of the accepted orders it is. */
  number: number;
  acceptedMs: number;
  /** It is to be cancelled: `asked` until the shop has answered, then `yes`. */
  cancelling?: 'asked' | 'yes';
}

const pageMax = 1_000;
const pagesMax = 50;
/** So few are asked for one by one, where a list of all since the oldest would be longer. */
const singlyMax = 20;
/** Orders of others may be in the list. */
const margin = 20;
const everyMs = 250;
const restMaxMs = 3_000;
const stopMs = 1_000;
/** Between two reads is so many times what one took: watching must not be the load. */
const restFactor = 4;

/** Finds out how accepted orders end, by reading the list of orders in large pages. */
export class OrderWatch {
  private readonly open = new Map<string, OpenOrder>();
  private reading: Promise<void> | undefined;
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly ordersUrl: string,
    private readonly tally: Tally,
    private readonly withinMs: number,
    private readonly token?: TokenSource,
  ) {}

  start(): void {
    this.running = this.run();
  }

  /** A shop that does not answer is not waited for. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.race([this.running, delay(stopMs, undefined, { ref: false })]);
  }

  accepted(id: string): void {
    this.open.set(id, { number: this.tally.accepted, acceptedMs: performance.now() });
  }

  /** From now on its end is `cancelled`; undefined: it is not being cancelled after all. */
  cancelling(id: string, state: OpenOrder['cancelling']): void {
    const order = this.open.get(id);
    if (order) order.cancelling = state;
  }

  /** Whether an order is on its way still, and has time. */
  get isWaiting(): boolean {
    return this.open.size > 0;
  }

  /** A reading that begins after this call. Errors are noted: the next one may do better. */
  async look(): Promise<void> {
    await this.reading;
    this.reading ??= this.readOpen().finally(() => (this.reading = undefined));
    await this.reading;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const beganMs = performance.now();
      await this.look();
      const tookMs = performance.now() - beganMs;
      const restMs = Math.min(Math.max(everyMs, restFactor * tookMs), restMaxMs);
      await delay(restMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private async readOpen(): Promise<void> {
    const [oldest] = this.open;
    if (oldest === undefined) return;
    try {
      const since = this.tally.accepted - oldest[1].number + margin;
      if (this.open.size <= singlyMax && since > pageMax) await this.readSingly();
      else await this.readPages(Math.min(since, pageMax));
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      this.tally.problem(`reading orders: ${error.message}`);
    }
    this.giveUpLate();
  }

  private async readSingly(): Promise<void> {
    for (const id of [...this.open.keys()]) {
      this.settle(await read<Order>(`${this.ordersUrl}/v1/orders/${id}`, this.token));
    }
  }

  /** Newest first, back to the oldest that is open. */
  private async readPages(limit: number): Promise<void> {
    const oldest = [...this.open.keys()].reduce((a, b) => (a < b ? a : b));
    const url = new URL(`${this.ordersUrl}/v1/orders?include=timeline`);
    url.searchParams.set('limit', String(limit));
    for (let page = 0; page < pagesMax; page += 1) {
      const { items, nextCursor } = await read<{ items: Order[]; nextCursor: string | null }>(
        url.href,
        this.token,
      );
      for (const order of items) this.settle(order);
      const last = items.at(-1);
      if (nextCursor === null || last === undefined || last.id <= oldest) return;
      url.searchParams.set('cursor', nextCursor);
    }
  }

  private settle({ id, status, timeline }: Order): void {
    const open = this.open.get(id);
    const end = ends.find((one) => one === status);
    if (open === undefined || end === undefined) return;
    // It goes on from there.
    if (open.cancelling === 'asked') return;
    if (open.cancelling === 'yes' && end !== 'cancelled') return;
    this.open.delete(id);
    this.tally.ended[end] += 1;
    if (end !== 'cancelled') this.tally.flow.add(tookMs(timeline, end));
  }

  private giveUpLate(): void {
    for (const [id, { acceptedMs }] of this.open) {
      if (performance.now() - acceptedMs < this.withinMs) return;
      this.open.delete(id);
      this.tally.late += 1;
    }
  }
}

function tookMs(timeline: Order['timeline'], end: End): number {
  const first = timeline[0]?.at ?? '';
  const last = timeline.findLast(({ state }) => state === end)?.at ?? '';
  return Math.max(0, Date.parse(last) - Date.parse(first));
}
