/**
 * | request | answer |
 * |---|---|
 * | GET  /api/flow | Flow: the declared topology, laid out; changes only when `System.flow` does |
 */

import type { Pattern } from '@tradepost/messaging/ops';

export interface Flow {
  /** A digest of the declared topology: while it is the same, so is the layout. */
  version: string;
  width: number;
  height: number;
  nodes: FlowNode[];
  edges: FlowEdge[];
}

export interface FlowNode {
  /** `service:orders`, `exchange:sale-finalized`, `queue:payments.charge-payment`, `http:orders` */
  id: string;
  kind: 'http' | 'service' | 'exchange' | 'queue' | 'handler';
  /** Handlers of a service stand beside its queues: `ChargePaymentWork.handle`. */
  label: string;
  service?: string;
  pattern?: Pattern;
  contract?: string;
  queue?: string;
  x: number;
  y: number;
  width: number;
  height: number;
  /** False: the broker has it, no code declares it. */
  declared: boolean;
}

export interface FlowEdge {
  id: string;
  from: string;
  to: string;
  pattern?: Pattern;
  contract?: string;
  /** The whole way, first and last point included, orthogonal. */
  points: { x: number; y: number }[];
  /** False: messages were seen on it, no code declares it. */
  declared: boolean;
}
