import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Mutant } from './mutant';

export type Fate = 'killed' | 'timed out' | 'survived' | 'refused' | 'known';

export interface Outcome extends Pick<Mutant, 'id' | 'file' | 'line' | 'kind' | 'change'> {
  fate: Fate;
  /** Of a killed one: the test that failed, and how; of a known one: why it lives. */
  by?: string;
  error?: string;
  seconds?: number;
}

/** The outcomes of a target, of this run and of those before it. */
export class Report {
  readonly path: string;
  private readonly outcomes: Map<string, Outcome>;

  constructor(root: string, target: string) {
    this.path = join(root, '.tradepost/mutants', `${target.replaceAll('/', '-')}.json`);
    const before = existsSync(this.path) ? readFileSync(this.path, 'utf8') : '[]';
    const outcomes = JSON.parse(before) as Outcome[];
    this.outcomes = new Map(outcomes.map((one) => [one.id, one]));
  }

  of(id: string): Outcome | undefined {
    return this.outcomes.get(id);
  }

  add(outcome: Outcome): void {
    this.outcomes.set(outcome.id, outcome);
    mkdirSync(dirname(this.path), { recursive: true });
    writeFileSync(this.path, JSON.stringify([...this.outcomes.values()], null, 1));
  }

  /** Forgets those that are no mutants any more. */
  keep(mutants: Mutant[]): void {
    const ids = new Set(mutants.map(({ id }) => id));
    for (const id of this.outcomes.keys()) if (!ids.has(id)) this.outcomes.delete(id);
  }
}

/** Killed 12, survived 1, … */
export function countsOf(outcomes: Outcome[]): string {
  const fates: Fate[] = ['killed', 'timed out', 'refused', 'survived', 'known'];
  return fates
    .map((fate) => `${fate} ${outcomes.filter((one) => one.fate === fate).length}`)
    .join(', ');
}
