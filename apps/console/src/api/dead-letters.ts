/**
 * | request | answer |
 * |---|---|
 * | GET  /api/dead-letters?DeadLetterSearch | DeadLetterOverview |
 * | GET  /api/dead-letters/messages?DeadLetterSearch&cursor=&limit= | Page of DeadLetter |
 * | POST /api/dead-letters/check {selection, body?} | ReplayCheck |
 * | POST /api/dead-letters/replay {selection, rate?, body?} | 202 Replay |
 * | GET  /api/dead-letters/replays/:id | Replay; GET /api/dead-letters/replays { items } |
 * | POST /api/dead-letters/replays/:id/pause, /resume, /stop | Replay |
 * | POST /api/dead-letters/discard {selection} | OperationResult |
 * | POST /api/dead-letters/undo {service, operation} | OperationResult |
 */

/** What the search box says; all of it must hold. */
export interface DeadLetterSearch {
  queue?: string;
  code?: string;
  messageId?: string;
  contract?: string;
  /** `field.<name>=value`: a field of the body, at any depth; up to 5. */
  field?: Record<string, string>;
  /** Anywhere in body or error. */
  q?: string;
  /** ISO 8601: last failed from, and before. */
  from?: string;
  to?: string;
}

export interface DeadLetterSelection extends DeadLetterSearch {
  ids?: string[];
}

export interface DeadLetterGroup {
  service: string;
  queue: string;
  contract?: string;
  errorCode: string;
  handler: string;
  /** Of one of them. */
  errorMessage: string;
  count: number;
  firstFailedAt?: string;
  lastFailedAt?: string;
  /** How many failed in each of the last 24 hours, oldest first. */
  trend: number[];
}

export interface DeadLetterOverview {
  total: number;
  groups: DeadLetterGroup[];
  /** Services that did not answer. */
  missing: string[];
}

export interface DeadLetter {
  service: string;
  id: string;
  queue: string;
  contract?: string;
  errorCode: string;
  errorMessage: string;
  /** Of the error, when its handler's process kept one. */
  stack?: string;
  handler: string;
  attempts?: number;
  replays: number;
  firstFailedAt?: string;
  lastFailedAt?: string;
  traceId?: string;
  orderId?: string;
  body: string;
  bodyEncoding?: 'base64';
  headers: Record<string, unknown>;
}

export interface ReplayCheck {
  wouldSend: number;
  /** What today's contracts refuse. */
  invalid: { id: string; queue: string; problem: string }[];
  unchecked: number;
}

/** A replay on its way, and what became of the messages. */
export interface Replay {
  id: string;
  service: string;
  startedAt: number;
  by: string;
  state: 'running' | 'paused' | 'stopped' | 'done' | 'failed';
  /** Its number in the service's record, which undo takes. */
  operation?: number;
  rate?: number;
  selected: number;
  /** Confirmed by the broker, on their queue again. */
  sent: number;
  /** Of those: their mark is in the inbox; a dead letter again; neither yet. */
  handled: number;
  failedAgain: number;
  waiting: number;
  /** Left where they were, and why. */
  stayed: { id: string; queue: string; problem: string }[];
  /** The first 1,000 of them, one by one. */
  messages: { id: string; queue: string; state: 'waiting' | 'handled' | 'failed-again' }[];
  problem?: string;
}

export interface OperationResult {
  service: string;
  operation: number;
  done: number;
  stayed: { id: string; queue: string; problem: string }[];
}
