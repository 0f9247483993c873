/** A dead letter, as operators see it. */
export interface DeadLetter {
  /** The message's id; of a message without one, a digest of its content. */
  id: string;
  /** The queue it failed in, without `.dead`. */
  queue: string;
  /** The contract's name, as the sender gave it. */
  type?: string;
  /** `delivery_limit` when the broker gave it up: its process died of it each time. */
  errorCode: string;
  errorMessage: string;
  /** Where it was thrown, at most 2,000 characters. */
  errorStack?: string;
  handler: string;
  attempts?: number;
  replays: number;
  /** ISO 8601. */
  firstFailedAt?: string;
  lastFailedAt?: string;
  traceparent?: string;
}

export interface DeadLetterDetails extends DeadLetter {
  /** As its sender named it, when it is not decoded here. */
  contentEncoding?: string;
  /** Headers that were left out for want of room, and their sizes. */
  headersDropped?: string;
  /** As text; in base64 what is encoded, or is not UTF-8. */
  body: string;
  bodyEncoding?: 'base64';
  headers: Record<string, unknown>;
}

/** Dead letters of one queue that failed for one reason. */
export interface DeadLetterGroup {
  queue: string;
  errorCode: string;
  handler: string;
  /** The contract's name. */
  type?: string;
  /** Of one of them. */
  errorMessage: string;
  count: number;
  /** ISO 8601; missing when no dead letter says. */
  firstFailedAt?: string;
  lastFailedAt?: string;
  /** How many failed last in each of the last 24 hours, oldest first. */
  trend: number[];
}

/** Which dead letters are selected; a field that is not given does not matter. */
export interface Selection {
  ids?: readonly string[];
  /** With or without `.dead`. */
  queue?: string;
  code?: string;
  /** The contract's name. */
  type?: string;
  /** Fields of the body, at any depth, and their values as texts. */
  field?: Readonly<Record<string, string>>;
  /** A part of the body or of the error, in either case. */
  q?: string;
  /** Last failed from, and before: ISO 8601. */
  from?: string;
  to?: string;
}

export interface ReplayPreview {
  wouldSend: number;
  /** Dead letters that their handler would refuse at once. */
  invalid: { id: string; queue: string; problem: string }[];
  /** Dead letters whose contract is not known here. */
  unchecked: number;
}

export interface OperationResult {
  /** Its number, which `undo` takes; 0 where nothing can be dead. */
  operation: number;
  done: number;
  /** Dead letters that were left where they are, and why. */
  stayed: { id: string; queue: string; problem: string }[];
}

/** A replay, and what became of what it sent. */
export interface ReplayState {
  id: string;
  /** Epoch milliseconds. */
  startedAt: number;
  by: string;
  state: 'running' | 'paused' | 'stopped' | 'done' | 'failed';
  /** Its number in the audit trail, which undo takes; once it has one. */
  operation?: number;
  rate?: number;
  selected: number;
  /** Confirmed by the broker: on their queue again, or further. */
  sent: number;
  /** Of those: their mark is in the inbox; a dead letter again; neither yet. */
  handled: number;
  failedAgain: number;
  waiting: number;
  stayed: OperationResult['stayed'];
  /** The first of them, one by one. */
  messages: { id: string; queue: string; state: 'waiting' | 'handled' | 'failed-again' }[];
  problem?: string;
}
