import type { Logger } from '@nestjs/common';
import type { Database, Transaction } from './database';
import { asError } from '../errors';
import { sleep } from '../time';
import type { Observed } from '../observe/observed';
import { deleteSent, postpone, offerRow, reportKept } from './outbox-row';
import type { OutboxRow, Sender } from './outbox-row';
import type { Publisher } from '../publish/publisher';

export interface OutboxPollOptions {
  db: Database;
  publisher: Publisher;
  log: Logger;
  sender: Sender;
  observed?: Observed;
  /** Rows that this process publishes from memory, though they may be due. */
  held: ReadonlySet<string>;
}

/** A time is a number here: as itself it comes differently from each driver. */
type FoundRow = Omit<OutboxRow, 'created_at'> & { created_ms: number };

/** Rows published in one go. */
const batchMax = 500;
const everyMs = 1_000;
const closedMs = 100;

// SKIP LOCKED: the polls of all replicas share the outbox without waiting for each other.
const lockBatch = {
  name: 'messaging-lock-outbox',
  text: `SELECT id, exchange, exchange_type, routing_key, type, body, is_bundle, correlation_id,
           traceparent, attempts,
           (extract(epoch FROM created_at) * 1000)::float8 AS created_ms
         FROM outbox WHERE not_before <= now() AND id <> ALL($2::uuid[])
         ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED`,
};

/**
 * Publishes the rows that nobody holds in memory: those of a process that died, those that the
 * broker did not take, and those sent while it was away. It locks a batch, publishes it, and
 * deletes what was confirmed, all in one transaction.
 */
export class OutboxPoll {
  private readonly stopping = new AbortController();
  private running?: Promise<void>;
  private failures = 0;

  constructor(private readonly options: OutboxPollOptions) {}

  start(): void {
    this.running ??= this.run();
  }

  /** Ends the batch under way. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      if (!this.options.publisher.isOpen) await sleep(closedMs, signal);
      // A full batch: there are more.
      else if ((await this.tryBatch()) < batchMax) await sleep(everyMs, signal);
    }
  }

  private async tryBatch(): Promise<number> {
    const { db, log } = this.options;
    try {
      const moved = await db.transaction((tx) => this.moveBatch(tx));
      this.failures = 0;
      return moved;
    } catch (error) {
      this.failures += 1;
      if (this.failures % 10 === 1) log.warn('relay failed', { error: asError(error).message });
      return 0;
    }
  }

  private async moveBatch(tx: Transaction): Promise<number> {
    const { publisher, sender, observed, log, held } = this.options;
    const found = await tx.query<FoundRow>(lockBatch, [batchMax, [...held]]);
    if (found.length === 0) return 0;
    const rows = found.map((row) => ({ ...row, created_at: new Date(row.created_ms) }));
    const sent: string[] = [];
    const kept: string[] = [];
    const settled = rows.map(async (row) => {
      const error = await new Promise<Error | undefined>((done) => {
        offerRow(publisher, row, sender, observed, done);
      });
      if (error === undefined) return void sent.push(row.id);
      kept.push(row.id);
      reportKept(log, row, error);
    });
    await Promise.all(settled);
    if (sent.length > 0) await tx.query(deleteSent, [sent]);
    if (kept.length > 0) await tx.query(postpone, [kept]);
    return found.length;
  }
}
