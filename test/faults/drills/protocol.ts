import type { Mode } from '@tradepost/messaging';
import type { ServiceProcess } from '@tradepost/test-kit';

/** What a drill asks of its processes, over Node's IPC; each command has a reply. */
export type Command =
  | { do: 'report-ready' }
  /** Replies when a transaction is held there; `release` lets go of all that are. */
  | { do: 'hold'; moment: Moment }
  | { do: 'release' }
  /** Each handler's transaction takes this much longer. */
  | { do: 'slow'; ms: number }
  /** Replies with `Known`. */
  | ({ do: 'send' } & Sending)
  | { do: 'report-memory' };

/** A moment at a transaction's end: the worst one to die in. */
export interface Moment {
  at: 'before-commit' | 'after-commit';
  of: 'effect' | 'relay';
  /** Transactions that pass before one is held. */
  after?: number;
}

export interface Sending {
  flow: FlowName;
  jobs: number[];
}

/** What a sender knows of the jobs that it was to send. */
export interface Known {
  /** The database answered the COMMIT. */
  committed: number[];
  /** The library said that it has sent them. */
  confirmed: number[];
}

export type FlowName = 'main' | 'batch' | 'fanout' | 'poison' | 'inOrder';

export interface Setup {
  role: 'consumer' | 'sender';
  /** Of a sample: on the runtime, not on its own library. */
  onRuntime: boolean;
  /** Of a sample: what fails each time is to end while the drill waits. */
  endsSoon: boolean;
  mode: Mode;
  queueReplicas?: number;
  amqpUrl: string;
  databaseUrl: string;
  /** File of the module under drill, absolute. */
  module: string;
}

export function ask<T = void>(
  process: ServiceProcess,
  command: Command,
  withinMs = 60_000,
): Promise<T> {
  return process.ask<T>(command, { withinMs });
}
