import { Histogram } from './histogram';

/** How orders end. */
export const ends = ['completed', 'payment_failed', 'rejected', 'cancelled'] as const;
export type End = (typeof ends)[number];

const problemsMax = 20;

/** What a run has counted so far. */
export class Tally {
  /** Of orders. */
  sent = 0;
  accepted = 0;
  /** Answered 503 `too-busy`. */
  tooBusy = 0;
  /** Answered with any other problem. */
  refused = 0;
  /** Neither of two tries was answered. */
  unanswered = 0;
  /** Due, and not sent: too many waited for their answers. */
  notSent = 0;
  /** Accepted, and not ended in time. */
  late = 0;
  readonly ended: Record<End, number> = {
    completed: 0,
    payment_failed: 0,
    rejected: 0,
    cancelled: 0,
  };
  readonly cancels = { asked: 0, accepted: 0, refused: 0, failed: 0 };
  /** From the moment that a POST was due until it was accepted. */
  readonly post = new Histogram();
  /** From the order's first state to its last, by the shop's clock; without what was cancelled. */
  readonly flow = new Histogram();
  /** How often each problem was the answer, or each error was why there was none. */
  readonly problems = new Map<string, number>();

  get endedInAll(): number {
    return ends.reduce((sum, end) => sum + this.ended[end], 0);
  }

  get inFlight(): number {
    return this.accepted - this.endedInAll - this.late;
  }

  problem(name: string): void {
    const known = this.problems.has(name) || this.problems.size < problemsMax;
    const key = known ? name : 'others';
    this.problems.set(key, (this.problems.get(key) ?? 0) + 1);
  }
}
