import {
  type BeforeApplicationShutdown,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';

interface Batches {
  /** Items of one statement: few enough that no other statement waits for it. */
  size: number;
  /** Batches of one round; the next round does the rest. */
  max: number;
}

/**
 * A job that a service repeats every `everyMs` while it runs, one round at a time. A round that
 * fails is logged; the next one tries again. Every replica runs its own.
 */
export abstract class Periodic implements OnApplicationBootstrap, BeforeApplicationShutdown {
  protected readonly log = new Logger(this.constructor.name);
  /** The service stops: a round begins nothing new. */
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

  /** Does `work` with each item, at most `max` at a time. */
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

  // The round before may still run.
  private begin(): void {
    this.round ??= this.run()
      .then(
        () => undefined,
        (error: unknown) => this.log.warn('round failed', { error }),
      )
      .finally(() => (this.round = undefined));
  }
}
