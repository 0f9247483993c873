import {
  type BeforeApplicationShutdown,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { inNewFlow } from '@tradepost/messaging';

interface Batches {
  /** Items of one statement: few enough that no other statement waits for it. */
  size: number;
  /** Batches of one round; the next round does the rest. */
  max: number;
}

const pauseMs = { first: 100, max: 5_000 };
const warnEveryMs = 60_000;

/**
 * A job that each replica repeats every `everyMs`, one round at a time. After a round that fails
 * the next one waits up to 5 s longer; a warning a minute says so.
 */
export abstract class Periodic implements OnApplicationBootstrap, BeforeApplicationShutdown {
  protected readonly log = new Logger(this.constructor.name);
  /** The service stops: a round begins nothing new. */
  protected isStopping = false;
  private timer?: NodeJS.Timeout;
  private round?: Promise<void>;
  private failures = 0;
  private pausedUntil = 0;
  private warnedAt = -Infinity;

  constructor(private readonly everyMs: number) {}

  /** One round. */
  abstract run(): Promise<unknown>;

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.begin(), this.everyMs);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    clearInterval(this.timer);
    await this.round;
  }

  /**
   * Takes batches until one is not full.
   * @param take handles at most `size` items and returns how many
   * @returns how many in all
   */
  protected async inBatches(
    { size, max }: Batches,
    take: (size: number) => Promise<number>,
  ): Promise<number> {
    let done = 0;
    for (let batch = 0; batch < max && !this.isStopping; batch += 1) {
      const count = await take(size);
      done += count;
      if (count < size) break;
    }
    return done;
  }

  /**
   * Does `work` with all that `take` gives, each item with a trace of its own. Failures are one log
   * line: a later round tries again.
   * @returns how many items there were
   */
  protected async sweep<T>(
    { size, max, atOnceMax, failed }: Batches & { atOnceMax: number; failed: string },
    take: (size: number) => Promise<T[]>,
    work: (item: T) => Promise<void>,
  ): Promise<number> {
    const failures: unknown[] = [];
    const checked = await this.inBatches({ size, max }, async () => {
      const items = await take(size);
      const waiting = items.values();
      const worker = async (): Promise<void> => {
        for (const item of waiting) {
          if (this.isStopping) return;
          const done = inNewFlow(this.constructor.name, async () => work(item));
          await done.catch((error: unknown) => failures.push(error));
        }
      };
      await Promise.all(Array.from({ length: Math.min(atOnceMax, items.length) }, worker));
      return items.length;
    });
    if (failures.length > 0) {
      this.log.warn(failed, { failed: failures.length, checked, error: String(failures[0]) });
    }
    return checked;
  }

  // The round before may still run.
  private begin(): void {
    if (Date.now() < this.pausedUntil) return;
    this.round ??= this.run()
      .then(
        () => void (this.failures = 0),
        (error: unknown) => this.failed(error),
      )
      .finally(() => (this.round = undefined));
  }

  private failed(error: unknown): void {
    const now = Date.now();
    this.pausedUntil = now + Math.min(pauseMs.first * 2 ** this.failures, pauseMs.max);
    this.failures += 1;
    if (now - this.warnedAt < warnEveryMs) return;
    this.warnedAt = now;
    this.log.warn('round failed', { error });
  }
}
