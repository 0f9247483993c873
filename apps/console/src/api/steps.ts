import type { Pattern } from './pattern';

/** One thing that a service did in a flow. */
export interface Step {
  /** Unique. */
  id: string;
  traceId: string;
  orderId?: string;
  kind: 'http' | 'sent' | 'handled';
  service: string;
  instance: string;
  /** When it began, epoch milliseconds with fractions. */
  at: number;
  tookMs: number;
  /** Of a message. */
  messageId?: string;
  contract?: string;
  pattern?: Pattern;
  /** Where it was sent to, or taken from. */
  exchange?: string;
  queue?: string;
  /** `ChargePaymentWork.handle` */
  handler?: string;
  attempt?: number;
  attemptsMax?: number;
  redelivered?: boolean;
  /** From when it was sent until its handler had it. */
  waitedMs?: number;
  /** Messages that were handled in the same call. */
  batch?: number;
  /**
   * `absorbed`: a copy of what was done before; `retried`: failed, comes again after `retryTier`;
   * `dead`: dead-lettered; `answered`, `refused`: a question.
   */
  outcome: 'ok' | 'absorbed' | 'retried' | 'dead' | 'answered' | 'refused' | 'failed';
  retryTier?: string;
  error?: { code: string; message: string };
  /** Of http: `POST /v1/orders`, and the answer's status. */
  route?: string;
  status?: number;
  /** At most some kilobytes, secrets masked; undefined: not kept. */
  body?: unknown;
  headers?: Record<string, unknown>;
}

/** Above 100 steps a second some flows are left out, so that those told are whole. */
export interface StepsSeen {
  steps: Step[];
  /** The share of flows that is told now, 0 to 1. */
  share: number;
}
