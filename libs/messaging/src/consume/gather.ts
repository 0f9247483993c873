import { AsyncLocalStorage } from 'node:async_hooks';
import type { BatchOptions } from '../handlers/handler';

/**
 * What gathers while the calls before run goes into the next one; a call of one item at once when
 * there is nothing to wait for. `lanes` calls run at the same time. Right after a call the next one
 * rests a moment: a small batch costs as many round trips as a full one.
 */
export class Gather<T> {
  private readonly waiting: T[] = [];
  private running = 0;
  private isDue = false;
  private endedAt = -Infinity;
  private resting?: NodeJS.Timeout;
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
    const { lanes = 1, size, restMs = 5 } = this.options;
    if (this.running >= lanes || this.waiting.length === 0) return;
    const isFull = this.waiting.length >= size;
    const waitMs = isFull ? 0 : this.endedAt + restMs - performance.now();
    if (this.isDue && !(isFull && this.resting)) return;
    clearTimeout(this.resting);
    this.resting = undefined;
    this.isDue = true;
    this.apart(() => {
      if (waitMs > 0) this.resting = setTimeout(() => this.beginAll(lanes), waitMs);
      else setImmediate(() => this.beginAll(lanes));
    });
  }

  private beginAll(lanes: number): void {
    this.isDue = false;
    this.resting = undefined;
    while (this.running < lanes && this.waiting.length > 0) void this.begin();
  }

  private async begin(): Promise<void> {
    this.running += 1;
    await this.run(this.waiting.splice(0, this.options.size));
    this.running -= 1;
    this.endedAt = performance.now();
    this.beginSoon();
  }
}
