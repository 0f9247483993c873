import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@tradepost/test-kit';
import type { EffectLog } from './effect-log';

const lookEveryMs = 50;
const goesOnWithinMs = 120_000;

/** How long nothing is done, at most, while something is broken under load. */
export class Standstill {
  private count = 0;
  private movedAt = performance.now();
  private longestMs = 0;
  private isOver = false;
  private readonly watching: Promise<void>;

  constructor(private readonly log: EffectLog) {
    this.watching = this.watch();
  }

  /** Resolves when something is done from now on. @returns the longest time, in milliseconds */
  async end(): Promise<number> {
    const before = this.count;
    const goesOn = () => {
      if (this.count === before) throw new Error(`nothing was done for ${goesOnWithinMs} ms`);
    };
    try {
      await eventually(goesOn, { withinMs: goesOnWithinMs });
    } finally {
      this.isOver = true;
      await this.watching;
    }
    return this.longestMs;
  }

  private async watch(): Promise<void> {
    while (!this.isOver) {
      const count = await this.log.count().catch(() => this.count);
      const now = performance.now();
      this.longestMs = Math.max(this.longestMs, now - this.movedAt);
      if (count !== this.count) this.movedAt = now;
      this.count = count;
      await delay(lookEveryMs);
    }
  }
}
