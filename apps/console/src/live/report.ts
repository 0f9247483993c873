import type { DeclaredMessaging, HandlerState, SentCount } from '@tradepost/messaging';

/** What a process says of itself at `/ops/service`. */
export interface ServiceReport {
  name: string;
  instance: string;
  startedAt: number | string;
  node: string;
  memory: { rssBytes: number; heapUsedBytes: number };
  cpu: number;
  eventLoopDelayMs: number;
  outboxLagSeconds: number | null;
  sent: SentCount[];
  handlers: HandlerState[];
}

export type DeclaredHandler = DeclaredMessaging['handlers'][number];
