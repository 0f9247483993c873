import type { DeadLetter, DeadLetterDetails, DeadLetterGroup } from './shapes';

const hourMs = 3_600_000;
const trendHours = 24;

/** Counts dead letters as they come, so that a long queue need not be kept. */
export class DeadLetterGroups {
  private readonly now = Date.now();
  private readonly groups = new Map<string, DeadLetterGroup>();

  add(deadLetter: DeadLetter): void {
    const { queue, type, errorCode, errorMessage, handler } = deadLetter;
    const { firstFailedAt, lastFailedAt } = deadLetter;
    const key = JSON.stringify([queue, type, errorCode, handler]);
    const cause = { queue, type, errorCode, errorMessage, handler };
    const trend = Array.from({ length: trendHours }, () => 0);
    const group = this.groups.get(key) ?? { ...cause, count: 0, trend };
    this.groups.set(key, group);
    group.count += 1;
    const first = firstFailedAt ?? lastFailedAt;
    const last = lastFailedAt ?? firstFailedAt;
    if (first && (!group.firstFailedAt || first < group.firstFailedAt)) group.firstFailedAt = first;
    if (last && (!group.lastFailedAt || last > group.lastFailedAt)) group.lastFailedAt = last;
    const hour = trendHours - 1 - Math.floor((this.now - Date.parse(last ?? '')) / hourMs);
    if (hour in group.trend) group.trend[hour] = (group.trend[hour] ?? 0) + 1;
  }

  /** By queue; the largest of a queue first. */
  all(): DeadLetterGroup[] {
    return [...this.groups.values()].sort(
      (a, b) => a.queue.localeCompare(b.queue) || b.count - a.count,
    );
  }
}

/** Where a page ended. */
export type DeadLetterPosition = Pick<DeadLetter, 'queue' | 'id'>;

/**
 * Dead letters come in the order of their queue, which changes with every scan. A page has them in
 * the order of queue and id instead: the first `limit` after a position, and never many more in
 * memory. Copies of one message in one queue are one.
 */
export class DeadLetterPage {
  private readonly kept = new Map<string, DeadLetterDetails>();

  constructor(
    private readonly after: DeadLetterPosition | undefined,
    private readonly limit: number,
  ) {}

  add(deadLetter: DeadLetterDetails): void {
    if (this.after !== undefined && compare(deadLetter, this.after) <= 0) return;
    this.kept.set(JSON.stringify([deadLetter.queue, deadLetter.id]), deadLetter);
    if (this.kept.size > 2 * this.limit) this.all();
  }

  all(): DeadLetterDetails[] {
    const sorted = [...this.kept].sort(([, a], [, b]) => compare(a, b));
    for (const [key] of sorted.slice(this.limit)) this.kept.delete(key);
    return sorted.slice(0, this.limit).map(([, deadLetter]) => deadLetter);
  }
}

function compare(a: DeadLetterPosition, b: DeadLetterPosition): number {
  if (a.queue !== b.queue) return a.queue < b.queue ? -1 : 1;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}
