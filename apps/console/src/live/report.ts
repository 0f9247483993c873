import type { Topology } from '@tradepost/messaging';
import type { HandlerState } from '../api/live';
import type { Pattern } from '../api/pattern';

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
  /** Since its start, by where it went: of the default exchange, `routingKey` is the queue. */
  sent: { exchange: string; routingKey: string; contract?: string; count: number }[];
  handlers: Omit<HandlerState, 'rate'>[];
}

/** What `/ops/topology` says of a service. */
export interface TopologyOfService {
  service: string;
  handlers: DeclaredHandler[];
  sends: { contract: string; pattern: Pattern; exchange?: string; queue?: string }[];
  topology: Topology;
}

export interface DeclaredHandler {
  name: string;
  pattern: Pattern;
  contract?: string;
  queue: string;
  bindings: { exchange: string; type: string; key: string }[];
  /** The tiers in which its failed messages wait. */
  retry: string[];
}
