/**
 * | request | answer |
 * |---|---|
 * | GET  /api/live | events: `system` (System, each second), `steps` (StepsSeen) |
 * | GET  /api/history?queue= or ?service= | History: the last 15 minutes, as seen |
 */

import type { HandlerState as HandlerOfProcess, Pattern } from '@tradepost/messaging/ops';

export type Tone = 'ok' | 'waiting' | 'failed';

/** The one sentence on top, and where it leads. */
export interface Headline {
  tone: Tone;
  text: string;
  /** A path of the page: `/dead-letters?queue=…`. */
  to: string;
}

export interface System {
  at: number;
  headline: Headline;
  /** Of the topology as it is declared now: `Flow.version`. */
  flow: string;
  broker: { up: boolean; version?: string; problem?: string; alarms: string[] };
  services: ServiceState[];
  queues: QueueState[];
  /** Messages a second on each edge that anything was seen on, by `FlowEdge.id`. */
  edges: Record<string, EdgeState>;
  /** Sales (orders placed) a minute, as of the last minute. */
  salesPerMinute: number;
  deadLetters: number;
  alerts: { critical: number; warning: number };
  /** Undefined: financial does not answer. */
  booksBalance?: boolean;
}

export interface EdgeState {
  rate: number;
  /** Since its senders started. */
  count: number;
}

export interface ServiceState {
  name: string;
  state: 'ready' | 'failing' | 'stopping' | 'down';
  /** Why it is not ready, a sentence each. */
  problems: string[];
  /** What deserves a look although it works. */
  warnings: string[];
  outboxLagSeconds: number | null;
  instances: InstanceState[];
}

export interface InstanceState {
  /** `<host>:<pid>` */
  id: string;
  url: string;
  startedAt: number;
  node: string;
  memory: { rssBytes: number; heapUsedBytes: number };
  /** Of one core, 0 to 1 and more. */
  cpu: number;
  eventLoopDelayMs: number;
  handlers: HandlerState[];
}

export interface HandlerState extends HandlerOfProcess {
  /** Messages a second, over the last seconds. */
  rate: number;
}

export interface QueueState {
  name: string;
  pattern: Pattern;
  service: string;
  /** Null: the broker's management API does not say. */
  depth: number | null;
  unacked: number | null;
  consumers: number | null;
  /** As many consumers as its running service's instances have. */
  consumersExpected: number;
  /** Messages a second that come, and that are done. */
  inRate: number;
  outRate: number;
  /** How long its oldest message has waited at least; null: not known, 0: none waits. */
  oldestMs: number | null;
  /** Messages that wait for their next try, by tier; a tier holds those of all queues. */
  retries: { tier: string; count: number }[];
  /**
   * Within how long the next comes, at most: of the messages of this queue that were seen to fail,
   * `own` of which wait; where none was seen, of the tiers that have messages, whose ever. Null: no
   * message waits, or it is not known.
   */
  nextRetry: { withinMs: number; own: number } | null;
  /** What a handler in order holds in its service's database; null: nothing, or not known. */
  held: HeldState | null;
  deadLetters: number;
  /** The largest depth of the last hour, as far as it was seen. */
  depthMax: number;
}

/** Messages that wait for one of their key, counted up to 100,000. */
export interface HeldState {
  waiting: number;
  keys: number;
  /** Of these, those that stand still until a dead letter is replayed or discarded. */
  stopped: number;
  oldestMs: number;
}

export interface History {
  /** One value each second or five; null where nothing was seen. */
  at: number[];
  series: Record<string, (number | null)[]>;
}
