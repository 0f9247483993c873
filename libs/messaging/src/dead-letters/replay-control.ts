import { sleep } from '../time';

/** A dead letter that is on its queue again. */
export interface SentAgain {
  id: string;
  queue: string;
  /** The id it has there: its own, unless it had none. */
  sentAs: string;
}

const lookEveryMs = 100;
/** Messages whose end is looked up. */
const followedMax = 50_000;

/** How who has begun a replay holds it up, ends it, and hears how far it is. */
export class ReplayControl {
  isPaused = false;
  isStopped = false;
  operation?: number;
  selected = 0;
  count = 0;
  /** The first of them. */
  readonly followed: SentAgain[] = [];

  begins(operation: number, selected: number): void {
    this.operation = operation;
    this.selected = selected;
  }

  sent(one: SentAgain): void {
    this.count += 1;
    if (this.followed.length < followedMax) this.followed.push(one);
  }

  async untilResumed(): Promise<void> {
    while (this.isPaused && !this.isStopped) await sleep(lookEveryMs);
  }
}
