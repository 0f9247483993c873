import { AsyncLocalStorage } from 'node:async_hooks';
import type { BatchOptions } from '../handlers/handler';

/**
 * What gathers while the calls before run goes into the next one: no timer, and a call of one item
 * when there is nothing to wait for. `lanes` calls run at the same time.
 */
export class Gather<T> {
  private readonly waiting: T[] = [];
  private running = 0;
  private isDue = false;
  // A call is nobody's: it must not run in the trace of who happened to add the first item.
  private readonly apart = AsyncLocalStorage.snapshot();

  /** @param run must not throw */
  constructor(
    private readonly run: (items: T[]) => Promise<void>,
    private readonly options: BatchOptions,
  ) {}

  add(item: T): void {
    this.waiting.push(item);
    this.beginSoon();
  }

  // At the end of the turn: what the socket brought at once is one call.
  private beginSoon(): void {
    const { lanes = 1 } = this.options;
    if (this.isDue || this.running >= lanes || this.waiting.length === 0) return;
    this.isDue = true;
    this.apart(setImmediate, () => {
      this.isDue = false;
      while (this.running < lanes && this.waiting.length > 0) void this.begin();
    });
  }

  private async begin(): Promise<void> {
    this.running += 1;
    await this.run(this.waiting.splice(0, this.options.size));
    this.running -= 1;
    this.beginSoon();
  }
}
