const atOnceMin = 6;
const atOnceMax = 48;
/** Slower than this is no success: who takes so long has enough to do. */
const slowMs = 1_000;

/**
 * Lets so many requests through at once as are answered well: one more for each good answer, fewer
 * after each bad one. Customers who wait for a shop in trouble do not bury it.
 */
export class Gate {
  private limit = atOnceMin * 2;
  private under = 0;
  private readonly waiting: (() => void)[] = [];

  /** @returns what `act` gives */
  async pass<T>(act: () => Promise<T>): Promise<T> {
    await this.enter();
    const beganMs = performance.now();
    try {
      const result = await act();
      const isGood = performance.now() - beganMs < slowMs;
      this.limit = isGood ? Math.min(atOnceMax, this.limit + 1 / this.limit) : this.less();
      return result;
    } catch (error) {
      this.limit = this.less();
      throw error;
    } finally {
      this.under -= 1;
      this.letIn();
    }
  }

  private async enter(): Promise<void> {
    const entered = new Promise<void>((resolve) => this.waiting.push(resolve));
    this.letIn();
    await entered;
  }

  /** As many as there is room for: with a limit that has grown, that is more than one. */
  private letIn(): void {
    while (this.under < this.limit && this.waiting.length > 0) {
      this.under += 1;
      this.waiting.shift()?.();
    }
  }

  private less(): number {
    return Math.max(atOnceMin, this.limit * 0.9);
  }
}
