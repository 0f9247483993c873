import type { Hop, Journey } from '../api/journey';
import { dueHops } from './due-hops';
import type { JourneyFacts } from './facts';
import { mergeHops } from './merge-hops';
import { recordedHops } from './recorded-hops';
import { sentenceOf } from './sentence';
import { traceHops } from './trace-hops';

const finalStates = ['completed', 'rejected', 'payment_failed', 'cancelled'];
/** A message that is still on its way when an order has ended has come by then. */
const settledMs = 5_000;
const hopsMax = 500;

/** The way of an order as far as it was seen, and as far as it is recorded where it was not. */
export function buildJourney(facts: JourneyFacts, now = Date.now()): Journey {
  const { order, traceIds, deadLetters, payments, entries, logs, missing } = facts;
  const hops = hopsOf(facts).slice(0, hopsMax);
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

function hopsOf(facts: JourneyFacts): Hop[] {
  const seen = facts.steps.map((step): Hop => ({ ...step, source: 'seen' }));
  const hops = traceHops(mergeHops(seen, recordedHops(facts)), facts.logs);
  return dueHops(hops, facts.tierMs);
}
