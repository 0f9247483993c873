import type { Provider } from '@nestjs/common';
import type { Contract, FanoutContract, WorkContract } from '@tradepost/messaging/contract';

/** One kind of message under drill, and how to tell what became of each. */
export interface DrillFlow {
  contract: WorkContract | FanoutContract;
  /** A valid body that carries the number of its job: 1, 2, 3, … */
  body(job: number): object;
  /** SQL that gives the column `job` (an integer), a row for each effect there is. */
  effects: string;
  /** Of a flow in order: the key of a job. Its effects are to come in the order of its sending. */
  keyOf?(job: number): string;
}

/** What `npm run drill -- --module FILE` loads: the file exports it as `subject`. */
export interface DrillSubject {
  /** As in production: owner of the queues of its fanout flows. */
  service: string;
  /** The handlers, and what they inject; `Db` and `Messages` are there. */
  providers: Provider[];
  /** What the handlers send, tell and ask: their user may nothing else. */
  sends?: readonly Contract[];
  /** Folders of `.sql` files, relative to the repository, for the handlers' own tables. */
  migrations?: string[];
  main: DrillFlow;
  /** Handled in batches. Drills of a kind that is missing here are skipped. */
  batch?: DrillFlow;
  fanout?: DrillFlow;
  /** Valid bodies that the handler fails to handle each time, with retries that end within 10 s. */
  poison?: DrillFlow;
  /** Ordered by a key. */
  inOrder?: DrillFlow;
}
