import type { Act, AuditTrail, Entry } from './audit-trail';
import type { Selection } from './letter';

/** One act of an operator, as the audit trail has it. */
export interface BatchSummary {
  batch: number;
  act: Act;
  by: string;
  /** ISO 8601. */
  at: string;
  selection?: Selection;
  /** Of an undo: the batch it put back. */
  of?: number;
  /** Letters it wrote down before it took them; none of an undo. */
  taken: number;
  /** Missing when the act was cut short. */
  done?: number;
  stayed?: number;
}

/** Looking is written down too. @returns the acts that concern these dead-letter queues */
export async function batchesOf(
  trail: AuditTrail,
  by: string,
  reach: readonly string[],
): Promise<BatchSummary[]> {
  const batches = new Map<number, BatchSummary>();
  const elsewhere = new Set<number>();
  const until = await trail.begin({ act: 'read', by });
  await trail.read(1, until, (entry, number) => {
    note(batches, entry, number);
    if (entry.kind === 'taken' && !reach.includes(entry.deadQueue)) elsewhere.add(entry.batch);
  });
  return [...batches.values()].filter(({ batch }) => !elsewhere.has(batch));
}

function note(batches: Map<number, BatchSummary>, entry: Entry, number: number): void {
  if (entry.kind === 'begin') {
    const { act, by, at, selection, of } = entry;
    if (act !== 'read')
      batches.set(number, { batch: number, act, by, at, selection, of, taken: 0 });
    return;
  }
  const batch = batches.get(entry.batch);
  if (batch === undefined) return;
  if (entry.kind === 'taken') batch.taken += 1;
  else Object.assign(batch, { done: entry.done, stayed: entry.stayed });
}
