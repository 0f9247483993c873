/**
 * | request | answer |
 * |---|---|
 * | GET  /api/drills | DrillsState; POST /api/drills/:name {…} DrillsState |
 * | POST /api/drills/audit | 202 DrillsState, whose `audit` then changes |
 */

export type DrillName =
  | 'stop-worker'
  | 'start-worker'
  | 'add-worker'
  | 'remove-worker'
  | 'freeze-database'
  | 'kill-connections'
  | 'kill-broker';

export interface DrillsState {
  available: boolean;
  /** What can be broken now: each says what it does, for how long, and what should happen. */
  drills: {
    name: DrillName;
    title: string;
    breaks: string;
    expect: string;
    /** Of a drill with a choice: `service=payments`. */
    services?: string[];
    seconds?: number;
    enabled: boolean;
  }[];
  /** The worker processes of each service. */
  workers: { service: string; instance: string; pid: number; url: string; state: string }[];
  running?: { name: DrillName; text: string; startedAt: number; endsAt?: number };
  last?: { name: DrillName; text: string; startedAt: number; endedAt: number; outcome: string };
  audit?: {
    state: 'running' | 'clean' | 'violated' | 'failed';
    at: number;
    /** The lines that `npm run audit` prints. */
    lines: string[];
  };
}
