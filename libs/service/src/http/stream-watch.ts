import { type BeforeApplicationShutdown, Logger } from '@nestjs/common';
import type { EventStream } from './event-stream';

/** Between two polls, whatever happens meanwhile. */
const gapMs = 50;
/** Of so many polls that fail in a row, one is logged. */
const failuresPerLine = 60;

/**
 * Polls for what streams wait for, one poll at a time: every `everyMs`, and at once when there is
 * reason to. Without streams nothing is polled.
 */
export abstract class StreamWatch<Stream extends EventStream> implements BeforeApplicationShutdown {
  protected readonly log = new Logger(this.constructor.name);
  private readonly streams = new Set<Stream>();
  private timer?: NodeJS.Timeout;
  private polling?: Promise<void>;
  private polledAtMs = -Infinity;
  private again = false;
  private failures = 0;
  private stopped = false;

  /** @param failed the log line of polls that fail */
  constructor(
    private readonly everyMs: number,
    private readonly failed: string,
  ) {}

  /**
   * Tells streams that can take more what is new.
   * @returns whether there is more to be read at once
   */
  protected abstract poll(ready: Stream[]): Promise<boolean>;

  /** How many it watches. */
  get count(): number {
    return this.streams.size;
  }

  add(stream: Stream): void {
    this.streams.add(stream);
    this.pollSoon();
  }

  remove(stream: Stream): void {
    this.streams.delete(stream);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.polling;
  }

  protected pollSoon(): void {
    if (this.polling) this.again = true;
    else this.pollIn(this.polledAtMs + gapMs - performance.now());
  }

  private pollIn(ms: number): void {
    clearTimeout(this.timer);
    if (this.stopped || this.streams.size === 0) return;
    this.timer = setTimeout(() => {
      this.again = false;
      this.polling = this.pollReady().finally(() => {
        this.polling = undefined;
        this.polledAtMs = performance.now();
        this.pollIn(this.again ? gapMs : this.everyMs);
      });
    }, ms);
  }

  private async pollReady(): Promise<void> {
    const ready = [...this.streams].filter((stream) => stream.ready);
    try {
      if (ready.length > 0 && (await this.poll(ready))) this.again = true;
      this.failures = 0;
    } catch (error) {
      this.failures += 1;
      if (this.failures % failuresPerLine !== 1) return;
      this.log.warn(this.failed, { error: String(error) });
    }
  }
}
