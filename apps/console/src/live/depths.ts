interface Seen {
  at: number;
  depth: number;
  /** Messages that were done with, since the broker counts. */
  done: number;
}

const seenMax = 600;
const minuteMs = 60_000;
const minutesMax = 60;

/** What follows from a queue's depths over time. */
export class Depths {
  private seen: Seen[] = [];
  /** The largest depth of each minute of the last hour. */
  private readonly minutes: { at: number; max: number }[] = [];

  add(at: number, depth: number, done: number): void {
    const last = this.seen.at(-1);
    // The broker was started anew, and counts from 0.
    if (last !== undefined && done < last.done) this.seen = [];
    this.seen.push({ at, depth, done });
    if (this.seen.length > seenMax) this.seen.shift();
    const minute = Math.floor(at / minuteMs) * minuteMs;
    const current = this.minutes.at(-1);
    if (current?.at === minute) current.max = Math.max(current.max, depth);
    else this.minutes.push({ at: minute, max: depth });
    if (this.minutes.length > minutesMax) this.minutes.shift();
  }

  get max(): number {
    return Math.max(0, ...this.minutes.map(({ max }) => max));
  }

  /**
   * How long the oldest message has waited at least: of the messages that were there at an earlier
   * time not all have been done with since.
   */
  oldestMs(now: number): number | null {
    const last = this.seen.at(-1);
    if (last === undefined) return null;
    if (last.depth === 0) return 0;
    const earliest = this.seen.find(({ depth, done }) => depth > last.done - done);
    return earliest === undefined ? 0 : Math.max(0, now - earliest.at);
  }
}
