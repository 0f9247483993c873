import type { LogEntry } from '@tradepost/contracts';
import { RateLimit } from './rate-limit';

/** Publishes one entry to the topic; false when the topic could not take it. */
export type TellEntry = (entry: LogEntry) => boolean;

/** Entries that wait for a broker that is away: what led to its loss, and what followed. */
const waitingMax = 200;
const retryEveryMs = 1_000;

/**
 * The way of log entries to the topic: best effort. Never waits, never throws. What the broker
 * cannot take now waits, up to a bound; what exceeds the bound or the rate counts as dropped.
 */
export class TopicLines {
  dropped = 0;

  private readonly limit: RateLimit;
  private readonly waiting: LogEntry[] = [];
  private tell?: TellEntry;
  private isTelling = false;
  private unreported = 0;
  private timer?: NodeJS.Timeout;

  constructor(perSecondMax: number) {
    this.limit = new RateLimit(perSecondMax);
  }

  open(tell: TellEntry): void {
    this.tell = tell;
    this.flush();
  }

  push(entry: LogEntry): void {
    // A line that publishing itself logs would publish again. The limit bounds what it logs later.
    if (this.isTelling) {
      this.dropped += 1;
      return;
    }
    if (!this.limit.take()) return this.drop();
    if (this.waiting.length > 0) this.flush();
    if (this.waiting.length > 0 || !this.publish(entry)) this.wait(entry);
    else this.reportDropped(entry);
  }

  // A reader of the topic learns that lines are missing.
  private reportDropped({ service }: LogEntry): void {
    if (this.unreported === 0) return;
    const report: LogEntry = {
      level: 'warning',
      service,
      message: 'log lines did not reach the topic',
      time: new Date().toISOString(),
      data: { count: this.unreported },
    };
    if (this.publish(report)) this.unreported = 0;
  }

  private drop(): void {
    this.dropped += 1;
    this.unreported += 1;
  }

  private wait(entry: LogEntry): void {
    if (this.waiting.length >= waitingMax) return this.drop();
    this.waiting.push(entry);
    this.timer ??= setTimeout(() => this.flush(), retryEveryMs).unref();
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    while (this.waiting[0] !== undefined && this.publish(this.waiting[0])) this.waiting.shift();
    if (this.waiting.length > 0) this.timer = setTimeout(() => this.flush(), retryEveryMs).unref();
  }

  private publish(entry: LogEntry): boolean {
    if (!this.tell) return false;
    this.isTelling = true;
    try {
      return this.tell(entry);
    } catch {
      return false;
    } finally {
      this.isTelling = false;
    }
  }
}
