import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { Db } from '@tradepost/database';
import { OrdersConfig } from '../orders.config';
import { timelineTopic } from '../order/orders.store';
import { type Step, type TimelinePosition, TimelineStore } from '../order/timeline.store';

/** Between two polls, however many commits there are. */
const gapMs = 50;
/** New steps of one order in one poll; more of them come with the next. */
const stepsMax = 100;
/** Of so many polls that fail in a row, one is logged. */
const failuresPerLine = 60;

/** Receives the steps of an order that follow its position. */
export interface Watcher extends TimelinePosition {
  /** Whether it can take more now. */
  readonly ready: boolean;
  notify(steps: readonly Step[]): void;
}

/**
 * Notifies watchers of the steps of orders, whichever replica makes them: one statement for all of
 * them every EVENT_POLL_MS, and at once after a commit of this process. LISTEN and NOTIFY would
 * make every commit of an order wait for every other. Without watchers nothing is polled.
 */
@Injectable()
export class TimelineWatch implements BeforeApplicationShutdown {
  private readonly log = new Logger(TimelineWatch.name);
  private readonly watchers = new Set<Watcher>();
  private timer?: NodeJS.Timeout;
  private polling?: Promise<void>;
  private polledAtMs = -Infinity;
  private again = false;
  private failures = 0;
  private stopped = false;

  constructor(
    db: Db,
    private readonly timeline: TimelineStore,
    private readonly config: OrdersConfig,
  ) {
    db.onCommit(timelineTopic, () => this.pollSoon());
  }

  add(watcher: Watcher): void {
    this.watchers.add(watcher);
    this.pollSoon();
  }

  remove(watcher: Watcher): void {
    this.watchers.delete(watcher);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.polling;
  }

  private pollSoon(): void {
    if (this.polling) this.again = true;
    else this.pollIn(this.polledAtMs + gapMs - performance.now());
  }

  private pollIn(ms: number): void {
    clearTimeout(this.timer);
    if (this.stopped || this.watchers.size === 0) return;
    this.timer = setTimeout(() => {
      this.again = false;
      this.polling = this.poll().finally(() => {
        this.polling = undefined;
        this.polledAtMs = performance.now();
        this.pollIn(this.again ? gapMs : this.config.EVENT_POLL_MS);
      });
    }, ms);
  }

  private async poll(): Promise<void> {
    const watchers = [...this.watchers].filter(({ ready }) => ready);
    try {
      if (watchers.length === 0) return;
      const found = await this.timeline.next(watchers, stepsMax);
      for (const [index, watcher] of watchers.entries()) this.notify(watcher, found[index] ?? []);
      this.failures = 0;
    } catch (error) {
      this.failures += 1;
      if (this.failures % failuresPerLine !== 1) return;
      this.log.warn('timelines not read', { error: String(error) });
    }
  }

  private notify(watcher: Watcher, steps: Step[]): void {
    // It may have left while the database was asked.
    if (steps.length === 0 || !this.watchers.has(watcher)) return;
    watcher.notify(steps);
    if (steps.length === stepsMax) this.again = true;
  }
}
