/** One stretch of a ramp at one rate. */
export interface Step {
  perSecond: number;
  seconds: number;
  accepted: number;
  /** Turned away, refused, unanswered or not even sent. */
  failed: number;
  /** Of the POSTs. */
  p99Ms: number;
  inFlight: { before: number; after: number };
}

export interface Tried extends Step {
  /** Why the shop did not keep up. */
  problem?: string;
}

const failedMax = 0.01;
const p99MaxMs = 1_000;
/** Of what was accepted, what may be on its way more than before. */
const growthMax = 0.2;
const firstPerSecond = 50;
const closeEnough = 1.12;

/** Why the shop did not keep up with a step; undefined when it did. */
export function problemOf(step: Step): string | undefined {
  const due = step.accepted + step.failed;
  if (step.failed > failedMax * due) return `${step.failed} of ${due} not accepted`;
  if (step.p99Ms > p99MaxMs) return `p99 of POST ${Math.round(step.p99Ms)} ms`;
  const grewBy = step.inFlight.after - step.inFlight.before;
  if (grewBy > growthMax * step.accepted) return `in flight grew by ${grewBy}`;
  return undefined;
}

/** The most orders a second that the shop kept up with; 0: not even with the first step. */
export function ceilingOf(tried: readonly Tried[]): number {
  const kept = tried.filter(({ problem }) => problem === undefined);
  return Math.max(0, ...kept.map(({ perSecond }) => perSecond));
}

/**
 * Twice as many until one is too much, then between the last good and the first bad one; undefined
 * when those are close.
 */
export function nextRate(tried: readonly Tried[], rateMax: number): number | undefined {
  if (tried.length === 0) return firstPerSecond;
  const good = ceilingOf(tried);
  const bad = Math.min(
    Infinity,
    ...tried.filter(({ problem }) => problem !== undefined).map(({ perSecond }) => perSecond),
  );
  if (bad === Infinity) return good >= rateMax ? undefined : Math.min(2 * good, rateMax);
  const low = Math.max(good, 1);
  if (bad / low < closeEnough || bad <= 2) return undefined;
  return Math.round(Math.sqrt(low * bad));
}
