import { setTimeout as delay } from 'node:timers/promises';

/** How fast a story is told. */
export class Pace {
  constructor(
    private readonly beatMs: number,
    private readonly signal: AbortSignal,
  ) {}

  /** @throws when the story is broken off */
  async beats(count: number): Promise<void> {
    await delay(count * this.beatMs, undefined, { signal: this.signal });
  }
}
