/** Asks one thing again and again, one question at a time, and remembers the last answer. */
export class Probe<T> {
  /** The last answer, however old. */
  value?: T;
  /** When that came, epoch milliseconds; 0: never. */
  at = 0;
  /** Why the last question had no answer; undefined when it had one. */
  problem?: string;
  private asking = false;
  private dueAt = 0;

  constructor(
    private readonly everyMs: number,
    private readonly ask: () => Promise<T>,
  ) {}

  /** It has been asked, with whatever success. */
  get isKnown(): boolean {
    return this.at > 0 || this.problem !== undefined;
  }

  /** The last answer, unless the last question had none. */
  get current(): T | undefined {
    return this.problem === undefined ? this.value : undefined;
  }

  /** Asks when it is time to. Never throws; resolves when the answer is there. */
  async poll(now = Date.now()): Promise<void> {
    if (this.asking || now < this.dueAt) return;
    this.asking = true;
    // A little less, so that a timer that comes a little early does not leave one out.
    this.dueAt = now + this.everyMs * 0.9;
    try {
      this.value = await this.ask();
      this.at = Date.now();
      this.problem = undefined;
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    } finally {
      this.asking = false;
    }
  }

  /** Asks at the next turn. */
  hurry(): void {
    this.dueAt = 0;
  }
}
