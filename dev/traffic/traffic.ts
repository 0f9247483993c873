import { setTimeout as delay } from 'node:timers/promises';
import type { TokenSource } from '@tradepost/service';
import { moments } from '../moments';
import { nextRate, problemOf, type Tried } from './ceiling';
import type { TrafficCommand } from './command';
import { Customers } from './customers';
import { Histogram } from './histogram';
import { OrderWatch } from './order-watch';
import { purchasesOf, type Product } from './purchases';
import { Tally } from './tally';

const stepMs = 5_000;
/** Between two steps that which is on its way may end, so long at most. */
const calmMs = 15_000;
const lookMs = 100;
const rateMax = 10_000;
/** After an interruption the orders on their way have so long to end. */
const goodbyeMs = 5_000;

export interface TrafficOptions extends Pick<
  TrafficCommand,
  'rate' | 'forMs' | 'withinMs' | 'seed'
> {
  ordersUrl: string;
  products: readonly Product[];
  /** Of who may place and cancel for everybody; none where everyone may. */
  token?: TokenSource;
  /** Ends the placing of orders. */
  signal: AbortSignal;
  onStep?: (step: Tried) => void;
}

/** Buys at a shop, and finds out what becomes of each order. */
export class Traffic {
  readonly tally = new Tally();
  /** Of `--rate max`. */
  readonly tried: Tried[] = [];
  /** How long orders were placed. */
  placedMs = 0;
  /** Orders are placed no more; what is on its way is waited for. */
  isSettling = false;
  private readonly customers: Customers;
  private readonly watch: OrderWatch;
  private readonly startedMs = performance.now();

  constructor(private readonly options: TrafficOptions) {
    const { ordersUrl, products, seed, withinMs, token } = options;
    const { tally } = this;
    this.watch = new OrderWatch(ordersUrl, tally, withinMs, token);
    const purchases = purchasesOf(products, seed);
    this.customers = new Customers({ ordersUrl, purchases, watch: this.watch, tally, token });
  }

  get elapsedMs(): number {
    return performance.now() - this.startedMs;
  }

  /** Resolves when every accepted order has ended, or is late; soon after an interruption. */
  async run(): Promise<void> {
    const { rate } = this.options;
    this.watch.start();
    try {
      if (rate === 'max') await this.findCeiling();
      else await this.buy(rate, this.options.forMs);
      this.placedMs = this.elapsedMs;
      this.isSettling = true;
      await this.settle();
    } finally {
      this.customers.close();
      await this.watch.stop();
    }
  }

  private async buy(perSecond: number, ms: number): Promise<void> {
    const count = Math.ceil((perSecond * ms) / 1_000);
    const { signal } = this.options;
    for await (const dueMs of moments({ perSecond, count, signal })) this.customers.buy(dueMs);
    // The last one is not the end of its interval.
    await delay(1_000 / perSecond, undefined, { signal }).catch(() => undefined);
  }

  private async findCeiling(): Promise<void> {
    const { forMs, signal, onStep } = this.options;
    for (;;) {
      const perSecond = nextRate(this.tried, rateMax);
      if (perSecond === undefined || signal.aborted) return;
      const leftMs = forMs - this.elapsedMs;
      if (this.tried.length > 0 && leftMs < stepMs) return;
      const step = await this.step(perSecond, Math.min(stepMs, forMs));
      if (signal.aborted) return;
      const tried = { ...step, problem: problemOf(step) };
      this.tried.push(tried);
      onStep?.(tried);
      if (tried.problem !== undefined) await this.calm(step.inFlight.before);
    }
  }

  private async step(perSecond: number, ms: number) {
    const { tally, customers } = this;
    await this.watch.look();
    const before = { ...this.counts(), inFlight: tally.inFlight };
    const post = new Histogram();
    customers.step = post;
    await this.buy(perSecond, ms);
    await this.watch.look();
    const after = this.counts();
    return {
      perSecond,
      seconds: ms / 1_000,
      accepted: after.accepted - before.accepted,
      failed: after.failed - before.failed,
      p99Ms: post.percentile(0.99) ?? 0,
      inFlight: { before: before.inFlight, after: tally.inFlight },
    };
  }

  private counts() {
    const { accepted, tooBusy, refused, unanswered, notSent } = this.tally;
    return { accepted, failed: tooBusy + refused + unanswered + notSent };
  }

  private async calm(inFlight: number): Promise<void> {
    const untilMs = this.elapsedMs + calmMs;
    while (this.elapsedMs < untilMs && this.tally.inFlight > inFlight) {
      await delay(lookMs);
      if (this.options.signal.aborted) return;
    }
  }

  private async settle(): Promise<void> {
    const { signal } = this.options;
    let untilMs = Infinity;
    const leave = () => {
      untilMs = this.elapsedMs + goodbyeMs;
      this.customers.leave();
    };
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave);
    const answered = this.customers.idle();
    while (this.elapsedMs < untilMs) {
      const isIdle = await Promise.race([answered.then(() => true), delay(lookMs, false)]);
      if (isIdle && !this.watch.isWaiting) return;
      if (isIdle) await delay(lookMs);
    }
  }
}
