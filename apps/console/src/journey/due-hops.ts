import type { Hop } from '../api/journey';

/** When a message that failed comes again, as long as no later try of it is known. */
export function dueHops(hops: readonly Hop[], tierMs: Readonly<Record<string, number>>): Hop[] {
  return hops.map((hop) => {
    const waitsMs = tierMs[hop.retryTier ?? ''];
    if (hop.outcome !== 'retried' || waitsMs === undefined) return hop;
    if (hops.some((other) => isLaterTry(other, hop))) return hop;
    return { ...hop, dueAt: hop.at + hop.tookMs + waitsMs };
  });
}

function isLaterTry({ cause, messageId, queue, at, kind }: Hop, hop: Hop): boolean {
  if (cause === hop.id) return true;
  const isSame = messageId !== undefined && messageId === hop.messageId && queue === hop.queue;
  return kind === 'handled' && isSame && at > hop.at;
}
