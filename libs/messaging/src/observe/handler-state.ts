import type { Pattern } from '../handlers/pattern';

/** A handler of this process, as it is now. */
export interface HandlerState {
  /** `Class.method` */
  name: string;
  pattern: Pattern;
  contract?: string;
  queue: string;
  paused: boolean;
  prefetch: number;
  /** Messages that it has taken and not settled, and since when the one it has had longest. */
  inHand: number;
  heldForMs: number;
  /** Since the process started. */
  handled: number;
  retried: number;
  deadLettered: number;
  /** Of its calls of the last minute or two; null: none. */
  p50Ms: number | null;
  p99Ms: number | null;
  /** How long a message of the last call had waited since it was sent; null: not known. */
  waitedMs: number | null;
}
