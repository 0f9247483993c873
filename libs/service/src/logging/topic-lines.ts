import type { LogEntries, LogEntry } from '@tradepost/contracts';
import { InvalidBody } from '@tradepost/messaging';
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { RateLimit } from './rate-limit';

/** Publishes entries of one level in one message; false when the topic could not take it. */
export type TellEntries = (level: LogEntry['level'], body: LogEntries) => boolean;

interface Line {
  entry: LogEntry;
  /** Characters of its JSON. */
  size: number;
}

/** Of a message. A flush at the latest when so much waits; sooner, see `flushEveryMs`. */
const bundleMax = { lines: 100, size: 65_536 };
/** A lone line goes at the end of its turn; in a stream of lines, this is between two flushes. */
const flushEveryMs = 50;
/** What waits for a broker that is away: what led to its loss, and what followed. */
const waitingMax = { lines: 1_000, size: 1_048_576 };
const retryEveryMs = 1_000;

/**
 * The way of log lines to the topic, many in one message: best effort. Never waits, never throws.
 * What the broker cannot take now waits, up to a bound; what exceeds the bound or the rate counts
 * as dropped.
 */
export class TopicLines {
  dropped = 0;

  private readonly limit: RateLimit;
  private readonly instance = randomUUID();
  /** Lines of each level that were published. */
  private readonly published = new Map<LogEntry['level'], number>();
  private waiting: Line[] = [];
  private waitingSize = 0;
  private tell?: TellEntries;
  private isTelling = false;
  private isRefused = false;
  private isClosing = false;
  private unreported = 0;
  private flushedAt = -Infinity;
  private cancel?: () => void;
  // A message of many flows is a step of none: not of that whose line happens to be the first.
  private readonly apart = AsyncLocalStorage.snapshot();

  constructor(perSecondMax: number) {
    this.limit = new RateLimit(perSecondMax);
  }

  open(tell: TellEntries): void {
    this.tell = tell;
    this.flush();
  }

  /** Lines go at once from now on: what would send them later may not be there. */
  close(): void {
    this.isClosing = true;
    this.flush();
  }

  push(entry: LogEntry, size: number): void {
    // A line that publishing itself logs would publish again. The limit bounds what it logs later.
    if (this.isTelling) {
      this.dropped += 1;
      return;
    }
    if (!this.limit.take() || this.isFull(waitingMax)) return this.drop();
    this.waiting.push({ entry, size });
    this.waitingSize += size;
    if (this.tell === undefined) return;
    const isDue = this.isClosing || this.isFull(bundleMax);
    if (isDue && !this.isRefused) this.flush();
    else this.flushSoon();
  }

  private isFull({ lines, size }: typeof bundleMax): boolean {
    return this.waiting.length >= lines || this.waitingSize >= size;
  }

  private drop(): void {
    this.dropped += 1;
    this.unreported += 1;
  }

  private flushSoon(): void {
    if (this.cancel !== undefined) return;
    const flush = (): void => this.flush();
    const inMs = this.isRefused ? retryEveryMs : this.flushedAt + flushEveryMs - performance.now();
    if (inMs <= 0) {
      const soon = setImmediate(flush);
      this.cancel = () => clearImmediate(soon);
    } else {
      const later = setTimeout(flush, inMs).unref();
      this.cancel = () => clearTimeout(later);
    }
  }

  private flush(): void {
    this.cancel?.();
    this.cancel = undefined;
    if (this.tell === undefined) return;
    this.flushedAt = performance.now();
    const bundles = bundlesOf(this.waiting);
    const told = bundles.findIndex((bundle) => !this.publish(bundle));
    this.isRefused = told !== -1;
    this.waiting = this.isRefused ? bundles.slice(told).flat() : [];
    this.waitingSize = this.waiting.reduce((sum, { size }) => sum + size, 0);
    if (this.isRefused) this.flushSoon();
    else this.reportDropped(bundles[0]?.[0]);
  }

  // A reader of the topic learns that lines are missing.
  private reportDropped(last: Line | undefined): void {
    if (this.unreported === 0 || last === undefined) return;
    const report: LogEntry = {
      level: 'warning',
      service: last.entry.service,
      message: 'log lines did not reach the topic',
      time: new Date().toISOString(),
      data: { count: this.unreported },
    };
    if (this.publish([{ entry: report, size: 0 }])) this.unreported = 0;
  }

  private publish(bundle: Line[]): boolean {
    const [first] = bundle;
    const { tell } = this;
    if (first === undefined || tell === undefined) return false;
    this.isTelling = true;
    try {
      const { level } = first.entry;
      const before = this.published.get(level) ?? 0;
      const sequence = { instance: this.instance, first: before + 1 };
      const body = { entries: bundle.map(({ entry }) => entry), sequence };
      const isTold = this.apart(() => tell(level, body));
      if (isTold) this.published.set(level, before + bundle.length);
      return isTold;
    } catch (error) {
      if (!(error instanceof InvalidBody)) return false;
      // As it is, no message will ever hold it: it must not stop those after it.
      bundle.forEach(() => this.drop());
      return true;
    } finally {
      this.isTelling = false;
    }
  }
}

/** The lines of a level in messages of `bundleMax`, in their order. */
function bundlesOf(lines: Line[]): Line[][] {
  const bundles: Line[][] = [];
  const open = new Map<LogEntry['level'], { bundle: Line[]; size: number }>();
  for (const line of lines) {
    const { level } = line.entry;
    let last = open.get(level);
    if (!last || last.bundle.length >= bundleMax.lines || last.size >= bundleMax.size) {
      last = { bundle: [], size: 0 };
      bundles.push(last.bundle);
      open.set(level, last);
    }
    last.bundle.push(line);
    last.size += line.size;
  }
  return bundles;
}
