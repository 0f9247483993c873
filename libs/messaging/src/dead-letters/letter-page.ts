import type { ShownLetter } from './dead-letters';

/** Where a page of letters ended. */
export type LetterPlace = Pick<ShownLetter, 'queue' | 'id'>;

/**
 * Letters come in the order of their queue, which changes whenever somebody looks. A page has them
 * in the order of queue and id instead: of those after a place the first ones, and never many more
 * in memory. Copies of one letter in one queue are one.
 */
export class LetterPage {
  private readonly kept = new Map<string, ShownLetter>();

  constructor(
    private readonly after: LetterPlace | undefined,
    private readonly limit: number,
  ) {}

  add(letter: ShownLetter): void {
    if (this.after !== undefined && compare(letter, this.after) <= 0) return;
    this.kept.set(JSON.stringify([letter.queue, letter.id]), letter);
    if (this.kept.size > 2 * this.limit) this.cut();
  }

  all(): ShownLetter[] {
    return this.cut();
  }

  private cut(): ShownLetter[] {
    const sorted = [...this.kept].sort(([, a], [, b]) => compare(a, b));
    for (const [key] of sorted.slice(this.limit)) this.kept.delete(key);
    return sorted.slice(0, this.limit).map(([, letter]) => letter);
  }
}

function compare(a: LetterPlace, b: LetterPlace): number {
  if (a.queue !== b.queue) return a.queue < b.queue ? -1 : 1;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}
