import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { Db } from '@tradepost/database';
import type { EventStream } from './event-stream';
import { OrdersConfig } from '../orders.config';
import { timelineTopic } from '../order/orders.store';
import { type Step, TimelineStore } from '../order/timeline.store';

/** Between two polls, however many commits there are. */
const gapMs = 50;
/** New steps of one order in one poll; more of them come with the next. */
const stepsMax = 100;
/** Of so many polls that fail in a row, one is logged. */
const failuresPerLine = 60;

/**
 * Notifies streams of the steps of orders, whichever replica makes them: one statement for all of
 * them every EVENT_POLL_MS, and at once after a commit of this process. LISTEN and NOTIFY would
 * make every commit of an order wait for every other. Without streams nothing is polled.
 */
@Injectable()
export class TimelineWatch implements BeforeApplicationShutdown {
  private readonly log = new Logger(TimelineWatch.name);
  private readonly streams = new Set<EventStream>();
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

  /** How many it watches. */
  get count(): number {
    return this.streams.size;
  }

  add(stream: EventStream): void {
    this.streams.add(stream);
    this.pollSoon();
  }

  remove(stream: EventStream): void {
    this.streams.delete(stream);
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
    if (this.stopped || this.streams.size === 0) return;
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
    const streams = [...this.streams].filter(({ ready }) => ready);
    try {
      if (streams.length === 0) return;
      const found = await this.timeline.next(streams, stepsMax);
      for (const [index, stream] of streams.entries()) this.notify(stream, found[index] ?? []);
      this.failures = 0;
    } catch (error) {
      this.failures += 1;
      if (this.failures % failuresPerLine !== 1) return;
      this.log.warn('timelines not read', { error: String(error) });
    }
  }

  private notify(stream: EventStream, steps: Step[]): void {
    stream.notify(steps);
    if (steps.length === stepsMax) this.again = true;
  }
}
