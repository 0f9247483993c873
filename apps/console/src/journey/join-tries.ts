import type { Recorded } from './recorded';

/** The clocks of those who wrote the records may differ by so much. */
const slackMs = 50;
/** Where it is not known in which tier a message waited. */
const shortestTierMs = 1_000;

/**
 * Numbers the tries of each message, and joins each to the one before it, which failed.
 * @param tierMs how long a message waits, by tier
 */
export function joinTries(
  records: readonly Recorded[],
  tierMs: Readonly<Record<string, number>>,
): Recorded[] {
  const joined: Recorded[] = [];
  for (const record of [...records].sort((a, b) => a.at - b.at)) {
    const before = joined.findLast((one) => isOfSameMessage(one, record));
    joined.push(withNumber(record, before, tierMs));
  }
  return joined;
}

/** Records do not know the ids of messages; a queue has one about an order then. */
function isOfSameMessage(one: Recorded, { queue, messageId = one.messageId }: Recorded): boolean {
  if (queue === undefined || one.queue !== queue) return false;
  return one.messageId === undefined || one.messageId === messageId;
}

function withNumber(
  { isTryOnly, ...record }: Recorded,
  before: Recorded | undefined,
  tierMs: Readonly<Record<string, number>>,
): Recorded {
  if (before?.outcome === 'retried') {
    const ms = record.at - before.at;
    const number = before.attempt ?? 1;
    const waitsMs = tierMs[before.retryTier ?? ''] ?? shortestTierMs;
    if (ms >= waitsMs - slackMs && (record.attempt ?? number + 1) === number + 1) {
      before.messageId ??= record.messageId;
      return {
        ...record,
        attempt: number + 1,
        messageId: record.messageId ?? before.messageId,
        cause: before.id,
        since: { ms, what: `try ${number} failed` },
      };
    }
  }
  if (isTryOnly) {
    const note = `${record.note}; told by the gateway or found by a check`;
    return { ...record, queue: undefined, note };
  }
  return record.queue === undefined ? record : { ...record, attempt: record.attempt ?? 1 };
}
