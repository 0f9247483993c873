/** Each bucket ends 5 % above the one before: so exact a percentile is. */
const growth = 1.05;
const smallestMs = 0.1;

/** How long things took, in as much memory for a million of them as for one. */
export class Histogram {
  private readonly buckets = new Map<number, number>();
  private total = 0;
  private largestMs = 0;

  get count(): number {
    return this.total;
  }

  get maxMs(): number {
    return this.largestMs;
  }

  add(ms: number): void {
    const bucket = Math.max(0, Math.ceil(Math.log(ms / smallestMs) / Math.log(growth)));
    this.buckets.set(bucket, (this.buckets.get(bucket) ?? 0) + 1);
    this.total += 1;
    this.largestMs = Math.max(this.largestMs, ms);
  }

  /** At least this share took no longer. Undefined when nothing was added. */
  percentile(share: number): number | undefined {
    let left = share * this.total;
    for (const [bucket, count] of this.sorted()) {
      left -= count;
      if (left <= 0) return Math.min(endOf(bucket), this.largestMs);
    }
    return undefined;
  }

  /** How many took longer than the limit before, and not longer than this one; the rest last. */
  counts(limitsMs: readonly number[]): number[] {
    const counts = [...limitsMs.map(() => 0), 0];
    for (const [bucket, count] of this.sorted()) {
      const ms = Math.min(endOf(bucket), this.largestMs);
      const found = limitsMs.findIndex((limitMs) => ms <= limitMs);
      const index = found === -1 ? limitsMs.length : found;
      counts[index] = (counts[index] ?? 0) + count;
    }
    return counts;
  }

  private sorted(): [bucket: number, count: number][] {
    return [...this.buckets].sort(([a], [b]) => a - b);
  }
}

function endOf(bucket: number): number {
  return smallestMs * growth ** bucket;
}
