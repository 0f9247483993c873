import type { LogEntry } from '@tradepost/contracts';
import { RateLimit } from '../http/rate-limit';

/** Says one entry to the topic; false when it could not take it. */
export type TellEntry = (entry: LogEntry) => boolean;

/** So many entries wait for a broker that is not there: what led to it, and what came of it. */
const waitingMax = 200;
const retryEveryMs = 1_000;

/**
 * The way of log entries to the topic: best effort. Never waits, never throws. What the broker
 * cannot take now waits, up to a bound; what is beyond that or the limit is counted in `dropped`.
 */
export class TopicLines {
  dropped = 0;

  private readonly limit: RateLimit;
  private readonly waiting: LogEntry[] = [];
  private tell?: TellEntry;
  private telling = false;
  private missing = 0;
  private timer?: NodeJS.Timeout;

  constructor(perSecondMax: number) {
    this.limit = new RateLimit(perSecondMax);
  }

  open(tell: TellEntry): void {
    this.tell = tell;
    this.flush();
  }

  push(entry: LogEntry): void {
    // What telling itself logs must not be told again. The limit bounds what it logs later on.
    if (this.telling) {
      this.dropped += 1;
      return;
    }
    if (!this.limit.take()) {
      this.miss();
      return;
    }
    if (this.waiting.length > 0) this.flush();
    if (this.waiting.length > 0 || !this.say(entry)) this.wait(entry);
    else this.confess(entry);
  }

  // Whoever reads the topic learns that it is not all there is.
  private confess({ service }: LogEntry): void {
    if (this.missing === 0) return;
    const message = `${this.missing} log lines did not reach the topic`;
    const time = new Date().toISOString();
    if (this.say({ level: 'warning', service, message, time })) this.missing = 0;
  }

  private miss(): void {
    this.dropped += 1;
    this.missing += 1;
  }

  private wait(entry: LogEntry): void {
    if (this.waiting.length >= waitingMax) {
      this.miss();
      return;
    }
    this.waiting.push(entry);
    this.timer ??= setTimeout(() => this.flush(), retryEveryMs).unref();
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    while (this.waiting[0] !== undefined && this.say(this.waiting[0])) this.waiting.shift();
    if (this.waiting.length > 0) this.timer = setTimeout(() => this.flush(), retryEveryMs).unref();
  }

  private say(entry: LogEntry): boolean {
    if (!this.tell) return false;
    this.telling = true;
    try {
      return this.tell(entry);
    } catch {
      return false;
    } finally {
      this.telling = false;
    }
  }
}
