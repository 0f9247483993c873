/** What the drill and its processes say to each other over Node's IPC. */

/** Something that happens at a transaction's end, the surprising moment in which things die. */
export interface Trap {
  at: 'before-commit' | 'after-commit';
  then: 'hold' | 'kill';
  of: 'effect' | 'relay';
  /** Transactions that pass before it snaps. */
  after?: number;
}

export type Order =
  | { do: 'arm'; trap: Trap }
  | { do: 'release' }
  /** Each handler's transaction takes this much longer, in milliseconds. */
  | { do: 'slow'; ms: number }
  | { do: 'send'; id: number; flow: FlowName; jobs: number[] }
  | { do: 'memory'; id: number };

export type Told =
  | { saw: 'ready' }
  | { saw: 'trapped'; trap: Trap }
  /** The jobs whose sending was answered by yes; of the others nothing is known. */
  | { saw: 'sent'; id: number; confirmed: number[] }
  | { saw: 'memory'; id: number; rss: number };

export type FlowName = 'main' | 'batch' | 'fanout' | 'poison';

export interface Setup {
  role: 'consumer' | 'sender';
  amqpUrl: string;
  databaseUrl: string;
  /** File of the module under drill, absolute. */
  module: string;
}

export function readSetup(): Setup {
  return JSON.parse(process.env['DRILL'] ?? '{}') as Setup;
}

/** Resolves when the message has left this process. */
export function tell(told: Told): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined) throw new Error('only `npm run drill` starts this');
    process.send(told, () => resolve());
  });
}

export function onOrder(listener: (order: Order) => void): void {
  process.on('message', (order) => listener(order as Order));
  // The drill itself was killed: nobody needs this process any more.
  process.on('disconnect', () => process.exit(1));
}
