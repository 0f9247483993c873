/**
 * | request | answer |
 * |---|---|
 * | GET  /api/topology | TopologyReport |
 * | POST /api/topology/apply | TopologyApplied |
 */

import type { Advice } from '@tradepost/messaging/ops';

export interface TopologyDifference {
  /** `+` declared and not on the broker, `-` on the broker and not declared, `~` different. */
  sign: '+' | '-' | '~';
  what: 'exchange' | 'queue' | 'binding';
  name: string;
  reason: string;
  remedy: string;
  /** `apply` does it. */
  safe: boolean;
}

export interface TopologyReport {
  at: number;
  differences: TopologyDifference[];
  /** What could not be looked at, and why. */
  unchecked: string[];
  advice: Advice[];
  broker: { version?: string; alarms: string[] };
}

export interface TopologyApplied {
  did: string[];
  left: TopologyDifference[];
}
