import { sleep } from '../time';
import { batchMax, closedMs, everyMs, OutboxMover, rowColumns } from './outbox-mover';
import type { MoverOptions } from './outbox-mover';

export interface OutboxPollOptions extends MoverOptions {
  /** Rows that this process publishes from memory, though they may be due. */
  held: ReadonlySet<string>;
}

// SKIP LOCKED: the polls of all replicas share the outbox without waiting for each other.
const lockBatch = {
  name: 'messaging-lock-outbox',
  text: `SELECT ${rowColumns}
         FROM outbox WHERE not_before <= now() AND position IS NULL AND id <> ALL($2::uuid[])
         ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED`,
};

/**
 * Publishes the rows without a key that nobody holds in memory: those of a process that died, those
 * that the broker did not take, and those sent while it was away.
 */
export class OutboxPoll {
  private readonly stopping = new AbortController();
  private readonly mover: OutboxMover;
  private running?: Promise<void>;

  constructor(private readonly options: OutboxPollOptions) {
    this.mover = new OutboxMover(options);
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Ends the batch under way. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { publisher, held } = this.options;
    const { signal } = this.stopping;
    while (!signal.aborted) {
      if (!publisher.isOpen) await sleep(closedMs, signal);
      // A full batch: there are more.
      else if ((await this.mover.move(lockBatch, [batchMax, [...held]])) < batchMax) {
        await sleep(everyMs, signal);
      }
    }
  }
}
