import type { Pattern } from '../handlers/pattern';

/** One thing that a service did in a flow: it answered, sent a message, or handled one. */
export interface Step {
  id: string;
  /** The same in all steps of a flow, in every service. */
  traceId: string;
  kind: 'http' | 'sent' | 'handled';
  service: string;
  /** `<host>:<pid>` */
  instance: string;
  /** When it began, epoch milliseconds with fractions. */
  at: number;
  tookMs: number;
  messageId?: string;
  contract?: string;
  pattern?: Pattern;
  /** Where it was sent to, or taken from. */
  exchange?: string;
  queue?: string;
  /** `Class.method` */
  handler?: string;
  attempt?: number;
  attemptsMax?: number;
  redelivered?: boolean;
  /** From when it was sent until its handler had it. */
  waitedMs?: number;
  /** Messages that were handled in the same call. */
  batch?: number;
  /** `absorbed`: a copy of what was done before; `retried`: it comes again after `retryTier`. */
  outcome: 'ok' | 'absorbed' | 'retried' | 'dead' | 'answered' | 'refused' | 'failed';
  retryTier?: string;
  error?: { code: string; message: string };
  /** Of http: `POST /v1/orders`, and the answer's status. */
  route?: string;
  status?: number;
  /** JSON, its secrets masked; left out when it is long. */
  body?: unknown;
}

export interface StepsSeen {
  steps: Step[];
  /** The share of flows that is told now, 0 to 1. */
  share: number;
}
