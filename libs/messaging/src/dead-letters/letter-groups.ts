import type { Letter } from './letter';

/** Letters that failed in one place for one reason. */
export interface LetterGroup {
  queue: string;
  errorCode: string;
  handler: string;
  count: number;
  /** ISO 8601; missing when no letter says. */
  firstFailedAt?: string;
  lastFailedAt?: string;
}

/** Counts letters as they come, so that a long queue need not be kept. */
export class LetterGroups {
  private readonly groups = new Map<string, LetterGroup>();

  add({ queue, errorCode, handler, firstFailedAt, lastFailedAt }: Letter): void {
    const key = JSON.stringify([queue, errorCode, handler]);
    const group = this.groups.get(key) ?? { queue, errorCode, handler, count: 0 };
    this.groups.set(key, group);
    group.count += 1;
    const first = firstFailedAt ?? lastFailedAt;
    const last = lastFailedAt ?? firstFailedAt;
    if (first && (!group.firstFailedAt || first < group.firstFailedAt)) group.firstFailedAt = first;
    if (last && (!group.lastFailedAt || last > group.lastFailedAt)) group.lastFailedAt = last;
  }

  /** By queue; the largest of a queue first. */
  all(): LetterGroup[] {
    return [...this.groups.values()].sort(
      (a, b) => a.queue.localeCompare(b.queue) || b.count - a.count,
    );
  }
}
