import { setTimeout as delay } from 'node:timers/promises';
import { changedAt, isEnd, type Facts } from './facts';
import { gatewayRules } from './gateway-rules';
import { ledgerRules } from './ledger-rules';
import { messagingRules } from './messaging-rules';
import { orderRules } from './order-rules';
import { paymentRules } from './payment-rules';
import type { Endpoints } from './endpoints';
import { readFacts } from './read-facts';
import type { Check, Violation, Rule, AuditOptions } from './rule';

/** Every rule, in the order in which they are judged. */
export const rules: readonly Rule[] = [
  ...orderRules,
  ...paymentRules,
  ...gatewayRules,
  ...ledgerRules,
  ...messagingRules,
];

export const defaultOptions: AuditOptions = {
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
  checks: { rule: string; checked: number; violations: number }[];
  violations: Violation[];
  /** How often all of it was read. */
  reads: number;
  tookMs: number;
}

/** A contradiction about what changed within this may come from the reading alone. */
const recentMs = 60_000;
const pausesMs = [500, 1_000, 2_000, 4_000];

/**
 * Reads a system and checks every rule. A system at work is not read at one moment: a violation is
 * reported if every read shows it.
 * @throws Unreachable when an endpoint does not answer
 */
export async function audit(
  endpoints: Endpoints,
  given: Partial<AuditOptions> = {},
): Promise<Report> {
  const options = { ...defaultOptions, ...given };
  const beganMs = performance.now();
  let facts = await readFacts(endpoints);
  let checks = judge(facts, options);
  let reads = 1;
  for (const pauseMs of options.settled ? [1_000] : pausesMs) {
    const suspects = checks.flatMap(({ violations }) => violations);
    if (suspects.length === 0) break;
    if (reads > 1 && !suspects.some((suspect) => isRecent(suspect, facts))) break;
    await delay(pauseMs);
    facts = await readFacts(endpoints);
    const known = new Set(suspects.map(keyOf));
    checks = judge(facts, options).map((check) => ({
      ...check,
      violations: check.violations.filter((violation) => known.has(keyOf(violation))),
    }));
    reads += 1;
  }
  return report(facts, checks, { reads, tookMs: Math.round(performance.now() - beganMs) });
}

/** Pure: what the rules make of these facts. */
export function judge(facts: Facts, options: AuditOptions): Check[] {
  const soFar: Violation[] = [];
  return rules.map((rule) => {
    const check = rule.check(facts, options, soFar);
    soFar.push(...check.violations);
    return check;
  });
}

const keyOf = ({ rule, subject }: Violation) => JSON.stringify([rule, subject]);

// A violation that names no order is about what happens now.
function isRecent({ orderId }: Violation, facts: Facts): boolean {
  return orderId === undefined || facts.readAt - changedAt(facts, orderId) < recentMs;
}

function report(facts: Facts, checks: Check[], times: Pick<Report, 'reads' | 'tookMs'>): Report {
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
    checks: checks.map(({ rule, checked, violations }) => ({
      rule,
      checked,
      violations: violations.length,
    })),
    violations: checks.flatMap(({ violations }) => violations),
    ...times,
  };
}
