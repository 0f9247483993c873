import type { Logger } from '@nestjs/common';
import type { Database, Statement, Transaction } from './database';
import { asError } from '../errors';
import type { Observed } from '../observe/observed';
import type { Publisher } from '../publish/publisher';
import { deleteSent, offerRow, postpone, reportKept } from './outbox-row';
import type { OutboxRow, Sender } from './outbox-row';

export interface MoverOptions {
  db: Database;
  publisher: Publisher;
  log: Logger;
  sender: Sender;
  observed?: Observed;
}

/** A time is a number here: as itself it comes differently from each driver. */
type FoundRow = Omit<OutboxRow, 'created_at'> & { created_ms: number };

export const rowColumns = `id, exchange, exchange_type, routing_key, type, body, is_bundle,
           position IS NOT NULL AS is_keyed, correlation_id, traceparent, attempts,
           (extract(epoch FROM created_at) * 1000)::float8 AS created_ms`;

/** Rows published in one go. */
export const batchMax = 500;
/** So often it is looked what there is. */
export const everyMs = 1_000;
/** The same of a broker that is away. */
export const closedMs = 100;

/** Takes rows from the table to the broker. */
export class OutboxMover {
  private failures = 0;

  constructor(private readonly options: MoverOptions) {}

  /**
   * Locks a batch, publishes it, and deletes what was confirmed, all in one transaction.
   * @param lock gives `rowColumns`
   * @returns how many rows there were
   */
  async move(lock: Statement, values: unknown[]): Promise<number> {
    const moved = await this.tried((db) =>
      db.transaction((tx) => this.moveBatch(tx, lock, values)),
    );
    return moved ?? 0;
  }

  /** @returns undefined when it fails, of which not each time is told */
  async tried<T>(work: (db: Database) => Promise<T>): Promise<T | undefined> {
    const { db, log } = this.options;
    try {
      const result = await work(db);
      this.failures = 0;
      return result;
    } catch (error) {
      this.failures += 1;
      if (this.failures % 10 === 1) log.warn('relay failed', { error: asError(error).message });
      return undefined;
    }
  }

  private async moveBatch(tx: Transaction, lock: Statement, values: unknown[]): Promise<number> {
    const { publisher, sender, observed, log } = this.options;
    const found = await tx.query<FoundRow>(lock, values);
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
