/**
 * | request | answer |
 * |---|---|
 * | GET  /api/queues/:queue/messages?limit= | { items: PeekedMessage[] } |
 * | GET  /api/held?service=&queue= | { items: HeldKey[] } of its service: 100, stopped ones first |
 * | POST /api/handlers/pause, /api/handlers/resume {service, queue} | PauseOutcome |
 */

export interface PeekedMessage {
  messageId?: string;
  contract?: string;
  redelivered: boolean;
  sentAt?: string;
  body: unknown;
  headers: Record<string, unknown>;
}

export interface PauseOutcome {
  /** What each instance said. */
  instances: { id: string; ok: boolean; problem?: string }[];
}
