/**
 * | request | answer |
 * |---|---|
 * | GET  /api/orders/:id/journey | Journey |
 * | GET  /api/orders/:id/journey/live | events: `journey` (Journey) whenever it changes |
 */

import type { Step } from '@tradepost/messaging/ops';
import type { DeadLetter } from './dead-letters';
import type { LedgerEntry } from './ledger';
import type { LogEntry } from './logs';
import type { OrderDetails, Payment } from './orders';

/** A step of an order's journey, or what is known of it from records. */
export interface Hop extends Step {
  /** `seen` as it happened; `recorded`: made from what services keep, so that some facts lack. */
  source: 'seen' | 'recorded';
  /** Money that moved with it. */
  money?: { what: string; amount: number; currency: string };
  /** In words: "paid", "sale booked", "payment captured by worker host:12". */
  note?: string;
}

export interface Journey {
  order: OrderDetails;
  /** "Paid after 212 ms; payments tried twice because the gateway timed out." */
  sentence: string;
  traceIds: string[];
  /** In time. */
  hops: Hop[];
  deadLetters: DeadLetter[];
  payments: Payment[];
  entries: LedgerEntry[];
  /** Log lines of its traces, oldest first, at most 500. */
  logs: LogEntry[];
  /** Services that did not answer: what they know is missing here. */
  missing: string[];
  /** Nothing of it changes any more. */
  ended: boolean;
}
