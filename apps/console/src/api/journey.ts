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

/**
 * A step of an order's journey, or what is known of it from records: then `at` is when its record
 * was written, `tookMs` is 0, and `traceId` is empty unless it is known.
 */
export interface Hop extends Step {
  /** `seen` as it happened; `recorded`: made from what services keep, so that some facts lack. */
  source: 'seen' | 'recorded';
  /**
   * Of a recorded one: how long before it its cause was recorded, and which that is, such as "the
   * payment was opened". Meanwhile its message waited and was worked on: not told apart.
   */
  since?: { ms: number; what: string };
  /** The hop that led to it, as records have it: where its message was sent, or the try before. */
  cause?: string;
  /** Its body was made again from records, without these fields, which no service shows. */
  bodyMade?: { without: string[] };
  /** Of a message that failed and waits: when about it comes again, epoch milliseconds. */
  dueAt?: number;
  /** Of a dead letter. */
  headers?: Record<string, unknown>;
  /** What it is made from: "ledger entry", "log line". */
  records?: HopRecord[];
  /** The log lines that are known to tell of it, by `LogEntry.id`. */
  lines?: string[];
  /** Money that moved with it. */
  money?: { what: string; amount: number; currency: string };
  /** In words: "paid", "sale booked", "payment captured by worker host:12". */
  note?: string;
}

export interface HopRecord {
  what: string;
  value: unknown;
}

export interface Journey {
  order: OrderDetails;
  /** "Paid after 212 ms; payments tried twice because the gateway timed out. From records: …" */
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
