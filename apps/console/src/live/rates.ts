interface Sample {
  at: number;
  count: number;
}

/** Milliseconds that a rate is the mean of. */
const windowMs = 5_000;
const keptMs = 62_000;

/** Rates of counters that only grow, and begin at 0 with each start of their process. */
export class Rates {
  private readonly counters = new Map<string, Sample[]>();

  /**
   * Takes a counter's value.
   * @param wasNoneAt when its process was looked at before and did not have this counter yet
   */
  take(key: string, count: number, at: number, wasNoneAt?: number): void {
    const samples = this.counters.get(key) ?? [];
    const last = samples.at(-1);
    // Asked again before it was counted again.
    if (last !== undefined && at <= last.at) return;
    const isFresh = last === undefined || count < last.count || at - last.at > 2 * windowMs;
    if (last === undefined && wasNoneAt !== undefined && wasNoneAt < at) {
      this.counters.set(key, [{ at: wasNoneAt, count: 0 }]);
      return this.take(key, count, at);
    }
    const kept = isFresh ? [] : samples.filter((one) => one.at >= at - keptMs);
    kept.push({ at, count });
    this.counters.set(key, kept);
  }

  /** A second, of the last seconds; 0 of what is not known yet. */
  perSecond(key: string, now: number): number {
    const samples = this.counters.get(key) ?? [];
    const last = samples.at(-1);
    if (last === undefined || now - last.at > windowMs) return 0;
    return slope(samples.filter(({ at }) => at >= last.at - windowMs));
  }

  /** A minute, of as much of the last minute as is known. */
  perMinute(key: string): number {
    return slope(this.counters.get(key) ?? []) * 60;
  }

  /** Forgets counters of which nothing has come for a minute. */
  sweep(now: number): void {
    for (const [key, samples] of this.counters) {
      if ((samples.at(-1)?.at ?? 0) < now - keptMs) this.counters.delete(key);
    }
  }
}

function slope(samples: readonly Sample[]): number {
  const [first] = samples;
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.at === first.at) return 0;
  return ((last.count - first.count) * 1_000) / (last.at - first.at);
}
