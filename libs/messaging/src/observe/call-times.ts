import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

const minuteMs = 60_000;
/** Microseconds: up to an hour, in steps of a hundredth. */
const range = { lowest: 1, highest: 3_600_000_000, figures: 2 };

/** How long calls took, of the last minute or two. */
export class CallTimes {
  private current?: RecordableHistogram;
  private before?: RecordableHistogram;
  private turnsAt = 0;

  /** @param now as `performance.now()` */
  add(tookMs: number, now: number): void {
    this.turn(now);
    this.current ??= createHistogram(range);
    this.current.record(Math.min(range.highest, Math.max(1, Math.round(tookMs * 1_000))));
  }

  /** Null: there was none. */
  percentiles(): { p50Ms: number | null; p99Ms: number | null } {
    this.turn(performance.now());
    const all = createHistogram(range);
    for (const one of [this.before, this.current]) if (one !== undefined) all.add(one);
    if (all.count === 0) return { p50Ms: null, p99Ms: null };
    return { p50Ms: all.percentile(50) / 1_000, p99Ms: all.percentile(99) / 1_000 };
  }

  private turn(now: number): void {
    if (now < this.turnsAt) return;
    this.before = now < this.turnsAt + minuteMs ? this.current : undefined;
    this.current = undefined;
    this.turnsAt = now + minuteMs;
  }
}
