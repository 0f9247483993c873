const atOnceMin = 6;
const atOnceMax = 48;
/** A slower answer is no success. */
const slowMs = 1_000;

/** Lets more requests through after good answers, fewer after bad ones: no overload in trouble. */
export class ConcurrencyLimit {
  private limit = atOnceMin * 2;
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  async run<T>(work: () => Promise<T>): Promise<T> {
    const admitted = new Promise<void>((resolve) => this.waiting.push(resolve));
    this.admit();
    await admitted;
    const beganMs = performance.now();
    let isGood = false;
    try {
      const result = await work();
      isGood = performance.now() - beganMs < slowMs;
      return result;
    } finally {
      this.limit = isGood
        ? Math.min(atOnceMax, this.limit + 1 / this.limit)
        : Math.max(atOnceMin, this.limit * 0.9);
      this.running -= 1;
      this.admit();
    }
  }

  /** As many as there is room for: with a limit that has grown, that is more than one. */
  private admit(): void {
    while (this.running < this.limit && this.waiting.length > 0) {
      this.running += 1;
      this.waiting.shift()?.();
    }
  }
}
