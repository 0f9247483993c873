import { Injectable } from '@nestjs/common';
import type { Step } from '@tradepost/messaging/ops';

/** Of each queue at most: those that failed first are kept, they come first. */
const failuresMax = 1_000;

interface Failure {
  tier: string;
  failedAt: number;
}

export interface DueRetry {
  /** Messages that wait. */
  count: number;
  /** The next comes in so long. */
  nextMs: number;
}

/** Messages that were seen to fail, until they come again. */
@Injectable()
export class DueRetries {
  private readonly failures = new Map<string, Failure[]>();

  add({ queue, outcome, retryTier: tier, at, tookMs }: Step): void {
    if (outcome !== 'retried' || queue === undefined || tier === undefined) return;
    const own = this.failures.get(queue) ?? [];
    this.failures.set(queue, own);
    if (own.length < failuresMax) own.push({ tier, failedAt: at + tookMs });
  }

  /**
   * Those of each queue that wait still.
   * @param tierMs how long a message waits, by tier
   */
  read(tierMs: Readonly<Record<string, number>>, now: number): Map<string, DueRetry> {
    const due = new Map<string, DueRetry>();
    for (const [queue, failures] of this.failures) {
      const leftMs = ({ tier, failedAt }: Failure) => failedAt + (tierMs[tier] ?? 0) - now;
      const waiting = failures.filter((failure) => leftMs(failure) > 0);
      if (waiting.length === 0) {
        this.failures.delete(queue);
        continue;
      }
      this.failures.set(queue, waiting);
      due.set(queue, { count: waiting.length, nextMs: Math.min(...waiting.map(leftMs)) });
    }
    return due;
  }
}
