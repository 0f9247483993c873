import {
  type BeforeApplicationShutdown,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';

/** Bounds of a round's work. */
interface Batches {
  /** What one statement takes: short enough for nobody to wait for it. */
  size: number;
  /** A round ends after so many, and goes on at the next one. */
  max: number;
}

/**
 * What a service does every so often while it runs: a round at a time, the first one after
 * `everyMs`. A round that fails is logged; the next one tries again. Every replica runs its own.
 */
export abstract class Periodic implements OnApplicationBootstrap, BeforeApplicationShutdown {
  protected readonly log = new Logger(this.constructor.name);
  /** The service stops: a round takes up nothing new. */
  protected isStopping = false;
  private timer?: NodeJS.Timeout;
  private round?: Promise<void>;

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
   * Works off what there is, a batch at a time.
   * @param take does at most `size`, and says how many it did; fewer: there are no more
   * @returns how many were done
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

  /** Does `work` to each item, at most `max` of them at a time. */
  protected async each<T>(
    items: readonly T[],
    max: number,
    work: (item: T) => Promise<void>,
  ): Promise<void> {
    const waiting = [...items];
    const worker = async (): Promise<void> => {
      while (!this.isStopping) {
        const item = waiting.shift();
        if (item === undefined) return;
        await work(item);
      }
    };
    await Promise.all(Array.from({ length: Math.min(max, items.length) }, worker));
  }

  // The round before may still be at it: one at a time.
  private begin(): void {
    this.round ??= this.run()
      .then(
        () => undefined,
        (error: unknown) => this.log.warn('this round failed, the next one tries again', error),
      )
      .finally(() => (this.round = undefined));
  }
}
