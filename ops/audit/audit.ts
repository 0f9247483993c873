import { setTimeout as delay } from 'node:timers/promises';
import { changedAt, isEnd, type Facts } from './facts';
import { gatewayRules } from './gateway-rules';
import { ledgerRules } from './ledger-rules';
import { messagingRules } from './messaging-rules';
import { orderRules } from './order-rules';
import { paymentRules } from './payment-rules';
import type { Endpoints } from './endpoints';
import { readFacts } from './read-facts';
import type { Check, Offender, Rule, Terms } from './rule';

/** Every rule, in the order in which they are judged. */
export const rules: readonly Rule[] = [
  ...orderRules,
  ...paymentRules,
  ...gatewayRules,
  ...ledgerRules,
  ...messagingRules,
];

export const defaultTerms: Terms = {
  accepted: [],
  orderDeadlineMs: 900_000,
  settled: false,
  clockSkewMs: 0,
};

export interface Report {
  orders: number;
  /** Of them, those that are not at an end. */
  inFlight: number;
  /** How many orders are in each state. */
  states: Record<string, number>;
  payments: number;
  entries: number;
  charges: number;
  deadLetters: number;
  /** One for each rule. */
  checks: { rule: string; checked: number; offenders: number }[];
  offenders: Offender[];
  /** How often all of it was read. */
  looks: number;
  tookMs: number;
}

/** Of what has changed within this, a contradiction may be one of the reading alone. */
const youngMs = 60_000;
const pausesMs = [500, 1_000, 2_000, 4_000];
const settledPausesMs = [1_000];

/**
 * Reads a system and holds it against every rule. A system that is at work is not read at one
 * moment: a suspect is named if it is one every time that it was looked at.
 * @throws Unreachable when an endpoint does not answer
 */
export async function audit(endpoints: Endpoints, options: Partial<Terms> = {}): Promise<Report> {
  const terms = { ...defaultTerms, ...options };
  const beganMs = performance.now();
  let facts = await readFacts(endpoints);
  let checks = judge(facts, terms);
  let looks = 1;
  for (const pauseMs of terms.settled ? settledPausesMs : pausesMs) {
    const suspects = checks.flatMap(({ offenders }) => offenders);
    if (suspects.length === 0) break;
    if (looks > 1 && !suspects.some((suspect) => isYoung(suspect, facts))) break;
    await delay(pauseMs);
    facts = await readFacts(endpoints);
    checks = onlyAgain(suspects, judge(facts, terms));
    looks += 1;
  }
  return report(facts, checks, { looks, tookMs: Math.round(performance.now() - beganMs) });
}

/** Pure: what the rules make of these facts. */
export function judge(facts: Facts, terms: Terms): Check[] {
  const soFar: Offender[] = [];
  return rules.map((rule) => {
    const check = rule.check(facts, terms, soFar);
    soFar.push(...check.offenders);
    return check;
  });
}

function onlyAgain(suspects: Offender[], checks: Check[]): Check[] {
  const known = new Set(suspects.map(keyOf));
  return checks.map((check) => ({
    ...check,
    offenders: check.offenders.filter((offender) => known.has(keyOf(offender))),
  }));
}

const keyOf = ({ rule, subject }: Offender) => JSON.stringify([rule, subject]);

// What is about no order in particular is about what happens now.
function isYoung({ orderId }: Offender, facts: Facts): boolean {
  return orderId === undefined || facts.readAt - changedAt(facts, orderId) < youngMs;
}

function report(facts: Facts, checks: Check[], times: Pick<Report, 'looks' | 'tookMs'>): Report {
  const states: Record<string, number> = {};
  for (const { status } of facts.orders.values()) states[status] = (states[status] ?? 0) + 1;
  const open = Object.entries(states).filter(([status]) => !isEnd(status));
  return {
    orders: facts.orders.size,
    inFlight: open.reduce((sum, [, count]) => sum + count, 0),
    states,
    payments: facts.payments.size,
    entries: facts.entries.length,
    charges: facts.charges.size,
    deadLetters: facts.deadLetters.length,
    checks: checks.map(({ rule, checked, offenders }) => ({
      rule,
      checked,
      offenders: offenders.length,
    })),
    offenders: checks.flatMap(({ offenders }) => offenders),
    ...times,
  };
}
