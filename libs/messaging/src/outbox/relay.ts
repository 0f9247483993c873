import type { Logger } from '@nestjs/common';
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Database } from './database';
import { asError } from '../errors';
import { sleep, until } from '../time';
import { lanesTopic, outboxTopic } from './outbox';
import { OutboxLanes } from './outbox-lanes';
import { OutboxPoll } from './outbox-poll';
import { deleteSent, postpone, offerRow, reportKept } from './outbox-row';
import type { OutboxRow, Sender } from './outbox-row';
import type { Observed } from '../observe/observed';
import type { Publisher } from '../publish/publisher';

/** Rows that are held in memory; what is sent beyond that is for the poll. */
const heldMax = 10_000;
/** So long confirmed rows gather: a delete costs a commit, and says nothing new. */
const gatherMs = 20;
/** Rows of one delete. */
const deleteMax = 1_000;
/** How long a shutdown waits for confirms and deletes. */
const stopTimeoutMs = 4_000;

// Several relays may hear one `Database`, and each row is for one of them.
const taken = new WeakSet<OutboxRow>();

/**
 * Carries committed messages to the broker. What this process sent it publishes from memory, in the
 * order of the commits, and deletes what the broker confirmed. The rows of a process that died are
 * still there: the poll of any process sends them again with the same ids, and the inbox absorbs
 * the copies. No poll touches a new row for `untouchedMs`: it is on its way here. A broker that
 * takes longer to confirm may get a copy from another replica. Messages with a key go by lanes.
 */
export class Relay {
  /** Rows published here and not deleted yet. */
  private readonly held = new Set<string>();
  private readonly poll: OutboxPoll;
  private readonly lanes: OutboxLanes;
  private readonly confirmed: string[] = [];
  private readonly refused: string[] = [];
  private isWriting = false;
  private isStopped = false;
  private failures = 0;
  private readonly stopping = new AbortController();
  // Deletes are nobody's: they must not run in the trace of a message that was sent.
  private readonly apart = AsyncLocalStorage.snapshot();

  constructor(
    private readonly db: Database,
    private readonly publisher: Publisher,
    private readonly log: Logger,
    private readonly sender: Sender,
    private readonly observed?: Observed,
  ) {
    const moving = { db, publisher, log, sender, observed };
    this.poll = new OutboxPoll({ ...moving, held: this.held });
    this.lanes = new OutboxLanes(moving);
    db.onCommit<OutboxRow>(outboxTopic, (rows) => this.publishNow(rows));
    db.onCommit<string>(lanesTopic, (exchanges) => {
      this.apart(() => new Set(exchanges).forEach((exchange) => this.lanes.nudge(exchange)));
    });
  }

  start(): void {
    this.poll.start();
    this.lanes.start();
  }

  /**
   * Ends with no row of this process left, if the broker confirms and the database answers. What is
   * left is for the other replicas, or for the next start.
   */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all([this.poll.stop(), this.lanes.stop()]);
    await until(() => this.held.size === 0, stopTimeoutMs);
    this.isStopped = true;
  }

  private publishNow(rows: OutboxRow[]): void {
    if (this.stopping.signal.aborted) return;
    for (const row of rows) {
      if (!this.publisher.isOpen || this.held.size >= heldMax) return;
      if (taken.has(row)) continue;
      taken.add(row);
      this.held.add(row.id);
      offerRow(this.publisher, row, this.sender, this.observed, (error) => {
        if (error !== undefined) reportKept(this.log, row, error);
        this.settle(row.id, error === undefined ? this.confirmed : this.refused);
      });
    }
  }

  private settle(id: string, ids: string[]): void {
    ids.push(id);
    if (this.isWriting) return;
    this.isWriting = true;
    this.apart(() => void this.writeSettled());
  }

  private async writeSettled(): Promise<void> {
    while (this.confirmed.length + this.refused.length > 0 && !this.isStopped) {
      await sleep(gatherMs, this.stopping.signal);
      await this.write(deleteSent, this.confirmed);
      await this.write(postpone, this.refused);
    }
    this.isWriting = false;
  }

  private async write(statement: typeof deleteSent, settled: string[]): Promise<void> {
    const ids = settled.slice(0, deleteMax);
    if (ids.length === 0) return;
    try {
      await this.db.query(statement, [ids]);
      settled.splice(0, ids.length);
      for (const id of ids) this.held.delete(id);
      this.failures = 0;
    } catch (error) {
      // They stay held: no poll of this process sends them again.
      this.failures += 1;
      if (this.failures % 10 === 1) {
        this.log.warn('relay failed', { error: asError(error).message });
      }
      await sleep(Math.min(100 * this.failures, 2_000));
    }
  }
}
