import type { Hop, Journey } from '../api/journey';
import type { JourneyFacts } from './facts';
import { recordedHops } from './recorded-hops';
import { sentenceOf } from './sentence';

const finalStates = ['completed', 'rejected', 'payment_failed', 'cancelled'];
/** A message that is still on its way when an order has ended has come by then. */
const settledMs = 5_000;
const hopsMax = 500;

/** The way of an order as far as it was seen, and as far as it is recorded where it was not. */
export function buildJourney(facts: JourneyFacts, now = Date.now()): Journey {
  const { order, traceIds, deadLetters, payments, entries, logs, missing } = facts;
  const hops = merged(facts).slice(0, hopsMax);
  const lastAt = Math.max(...hops.map(({ at, tookMs }) => at + tookMs), 0);
  return {
    order,
    sentence: sentenceOf(facts, hops, now),
    traceIds,
    hops,
    deadLetters,
    payments,
    entries,
    logs,
    missing,
    ended: finalStates.includes(order.status) && now - lastAt > settledMs,
  };
}

/** Seen hops with what is recorded of them, and recorded ones that were not seen. */
function merged(facts: JourneyFacts): Hop[] {
  const hops = facts.steps.map((step): Hop => ({ ...step, source: 'seen' }));
  const seen = new Map<string, Hop>();
  for (const hop of hops) {
    const key = keyOf(hop);
    // Copies that were absorbed did nothing that a record could be about.
    if (hop.outcome !== 'absorbed' && !seen.has(key)) seen.set(key, hop);
  }
  const added: Hop[] = [];
  for (const record of recordedHops(facts)) {
    const key = keyOf(record);
    const known = seen.get(key);
    if (known === undefined) {
      added.push(record);
      seen.set(key, record);
      continue;
    }
    known.note = joined(known.note, record.note);
    known.money ??= record.money;
    known.error ??= record.error;
    if (known.source === 'recorded' && record.outcome !== 'ok') known.outcome = record.outcome;
    known.retryTier ??= record.retryTier;
  }
  return [...hops, ...added].sort((a, b) => a.at - b.at);
}

function keyOf({ kind, route = '', queue = '', exchange = '', attempt = 1, messageId }: Hop) {
  if (kind === 'http') return `http ${route.replace(/\/:\w+/g, '/:id')}`;
  if (kind === 'sent') return `sent ${exchange} ${queue} ${messageId}`;
  return `handled ${queue} ${attempt}`;
}

function joined(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined || one === other) return one ?? other;
  return one.includes(other) ? one : `${one}; ${other}`;
}
