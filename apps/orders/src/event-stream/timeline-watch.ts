import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { Db } from '@tradepost/database';
import { OrdersConfig } from '../orders.config';
import { timelineTopic } from '../order/orders.store';
import { type Place, type Step, TimelineStore } from '../order/timeline.store';

/** Between two looks, however many commits there are. */
const gapMs = 50;
/** New steps of one order in one look; more of them come with the next. */
const stepsMax = 100;
/** Looks that fail one after another, of which one says so. */
const failuresPerLine = 60;

/** Who wants to hear of an order's steps, from its place on. */
export interface Watcher extends Place {
  /** Whether it can take more now. */
  readonly ready: boolean;
  tell(steps: readonly Step[]): void;
}

/**
 * Tells watchers what becomes of orders, whichever replica does it: one statement for all of them
 * every EVENT_POLL_MS, and at once after a commit of this process. LISTEN and NOTIFY would make
 * every commit of an order wait for every other. Nobody watches: nothing is asked.
 */
@Injectable()
export class TimelineWatch implements BeforeApplicationShutdown {
  private readonly log = new Logger(TimelineWatch.name);
  private readonly watchers = new Set<Watcher>();
  private timer?: NodeJS.Timeout;
  private looking?: Promise<void>;
  private lookedAtMs = -Infinity;
  private again = false;
  private failures = 0;
  private stopped = false;

  constructor(
    db: Db,
    private readonly timeline: TimelineStore,
    private readonly config: OrdersConfig,
  ) {
    db.onCommit(timelineTopic, () => this.nudge());
  }

  add(watcher: Watcher): void {
    this.watchers.add(watcher);
    this.nudge();
  }

  remove(watcher: Watcher): void {
    this.watchers.delete(watcher);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.looking;
  }

  private nudge(): void {
    if (this.looking) this.again = true;
    else this.lookIn(this.lookedAtMs + gapMs - performance.now());
  }

  private lookIn(ms: number): void {
    clearTimeout(this.timer);
    if (this.stopped || this.watchers.size === 0) return;
    this.timer = setTimeout(() => {
      this.again = false;
      this.looking = this.look().finally(() => {
        this.looking = undefined;
        this.lookedAtMs = performance.now();
        this.lookIn(this.again ? gapMs : this.config.EVENT_POLL_MS);
      });
    }, ms);
  }

  private async look(): Promise<void> {
    const watchers = [...this.watchers].filter(({ ready }) => ready);
    try {
      if (watchers.length === 0) return;
      const news = await this.timeline.news(watchers, stepsMax);
      for (const [index, watcher] of watchers.entries()) this.tell(watcher, news[index] ?? []);
      this.failures = 0;
    } catch (error) {
      this.failures += 1;
      if (this.failures % failuresPerLine !== 1) return;
      this.log.warn('timelines not read', { error: String(error) });
    }
  }

  private tell(watcher: Watcher, steps: Step[]): void {
    // It may have left while the database was asked.
    if (steps.length === 0 || !this.watchers.has(watcher)) return;
    watcher.tell(steps);
    if (steps.length === stepsMax) this.again = true;
  }
}
