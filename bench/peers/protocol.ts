import type { PeerName } from './peers';
import type { Setup } from './peer';

export type Role = 'publisher' | 'consumer' | 'server' | 'caller';

/** What a process is, as JSON in the variable BENCH_PEER. */
export interface Part {
  peer: PeerName;
  role: Role;
  setup: Setup;
}

/** So many sales, with numbers from `from` on, so many at the same time. */
export interface Load {
  from: number;
  count: number;
  inFlight: number;
}

/** Questions, for so long. */
export type Asking = Omit<Load, 'count'> & { forMs: number };

/** What the bench asks of a process, over Node's IPC; each command has a reply. */
export type Command =
  | { do: 'report-ready' }
  /** Replies with `Published` when the last one is confirmed. */
  | ({ do: 'publish' } & Load)
  /** Replies with `Handled` when each of these sales has been handled. */
  | ({ do: 'await-handled' } & Load)
  | { do: 'count-handled' }
  /** Replies with `Asked` when the last one is answered. */
  | ({ do: 'ask' } & Asking);

/** Moments are epoch milliseconds, of one clock for all processes of a machine. */
export interface Published {
  firstAt: number;
  confirmedAt: number;
  failed: number;
  firstFailure?: string;
}

export interface Handled {
  lastAt: number;
  /** Deliveries of sales that had been handled before. */
  copies: number;
}

export interface Asked {
  firstAt: number;
  lastAt: number;
  /** Of each question that was answered, in milliseconds. */
  latenciesMs: number[];
  failed: number;
  firstFailure?: string;
}
