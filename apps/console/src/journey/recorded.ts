import type { Hop } from '../api/journey';

/** A hop of a record, before it is known what it shares with others. */
export interface Recorded extends Partial<Hop> {
  id: string;
  at: number;
  outcome: Hop['outcome'];
  /** Of a message only if it is a try after one that failed: else nobody knows how it came. */
  isTryOnly?: true;
}

/** Two hops of one act: the first, with what the other knows besides. */
export function withAll<T extends Partial<Hop>>(one: T, other: Partial<Hop>): T {
  const { records = [], lines = [] } = one;
  return {
    ...other,
    ...one,
    note: joined(one.note, other.note),
    records: [...records, ...(other.records ?? [])],
    lines: [...new Set([...lines, ...(other.lines ?? [])])],
  };
}

function joined(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined || one === other) return one ?? other;
  return one.includes(other) ? one : `${one}; ${other}`;
}
