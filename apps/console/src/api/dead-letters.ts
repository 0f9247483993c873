/**
 * | request | answer |
 * |---|---|
 * | GET  /api/dead-letters?DeadLetterSearch | DeadLetterOverview |
 * | GET  /api/dead-letters/messages?DeadLetterSearch&cursor=&limit= | Page of DeadLetter |
 * | POST /api/dead-letters/check {selection, body?} | ReplayPreview |
 * | POST /api/dead-letters/replay {selection, rate?, body?} | 202 Replay |
 * | GET  /api/dead-letters/replays/:id | Replay; GET /api/dead-letters/replays { items } |
 * | POST /api/dead-letters/replays/:id/pause, /resume, /stop | Replay |
 * | POST /api/dead-letters/discard {selection} | OperationResult |
 * | POST /api/dead-letters/undo {service, operation} | OperationResult |
 */

import type {
  DeadLetterDetails,
  DeadLetterGroup as GroupOfService,
  OperationResult as ResultOfService,
  ReplayState,
  Selection,
} from '@tradepost/messaging/ops';

/** What the search box says; all of it must hold. */
export interface DeadLetterSearch extends Omit<Selection, 'ids'> {
  id?: string;
}

export interface DeadLetterSelection extends DeadLetterSearch {
  ids?: string[];
}

export interface DeadLetterGroup extends GroupOfService {
  service: string;
}

export interface DeadLetterOverview {
  total: number;
  groups: DeadLetterGroup[];
  /** Services that did not answer. */
  missing: string[];
}

export interface DeadLetter extends DeadLetterDetails {
  service: string;
  traceId?: string;
  orderId?: string;
}

/** A replay on its way, and what became of the messages. */
export interface Replay extends ReplayState {
  service: string;
}

export interface OperationResult extends ResultOfService {
  service: string;
}
