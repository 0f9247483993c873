import type { Hop } from '../api/journey';
import type { LogEntry } from '../api/logs';

/** Recovery acts in a flow of its own, and not so soon. */
const sameFlowMs = 30_000;
const recoveryLines = ['order is overdue', 'charge resent', 'refund resent', 'payment timed out'];

/**
 * A message takes the trace of the hop that sent it along: where hops are joined by messages and
 * all that is known of their traces is one, it is that of all. Else each has its own, or none.
 */
export function traceHops(hops: readonly Hop[], logs: readonly LogEntry[]): Hop[] {
  if (logs.some(({ message }) => recoveryLines.includes(message))) return [...hops];
  const known = new Map(hops.map((hop) => [hop.id, hop]));
  const group = new Map(hops.map(({ id }) => [id, id]));
  for (const hop of hops) {
    const cause = known.get(hop.cause ?? '');
    if (cause === undefined || !isSameFlow(cause, hop)) continue;
    const [from, to] = [group.get(hop.id), group.get(cause.id)];
    for (const [id, name] of group) if (name === from) group.set(id, to ?? id);
  }
  const traces = new Map<string, Set<string>>();
  for (const { id, traceId } of hops) {
    const name = group.get(id) ?? id;
    const own = traces.get(name) ?? new Set<string>();
    if (traceId !== '') own.add(traceId);
    traces.set(name, own);
  }
  return hops.map((hop) => {
    const [one, other] = traces.get(group.get(hop.id) ?? '') ?? [];
    return hop.traceId === '' && one && !other ? { ...hop, traceId: one } : hop;
  });
}

/** Tries are of one message, however long it waits between them. */
function isSameFlow(cause: Hop, hop: Hop): boolean {
  const isTry = cause.kind === 'handled' && hop.kind === 'handled';
  return isTry || hop.at - cause.at < sameFlowMs;
}
