import type { Channel } from 'amqplib';
import type { Database, Transaction } from './database';
import { toProperties } from '../envelope';
import { Unroutable, asError } from '../errors';
import { sleep } from '../time';
import type { Logger } from '@nestjs/common';
import { outboxTopic } from './outbox';
import type { Publisher, Target } from '../publish/publisher';

interface OutboxRow {
  id: string;
  exchange: string;
  routing_key: string;
  type: string;
  body: string;
  correlation_id: string;
  traceparent: string | null;
  created_at: Date;
  attempts: number;
}

/** Rows published in one go. */
const batchMax = 500;
/** How often it looks for what a dead process left. */
const pollMs = 1_000;

// SKIP LOCKED: the relays of all replicas share the outbox without waiting for each other.
const lockBatch = {
  name: 'messaging-lock-outbox',
  text: `SELECT id, exchange, routing_key, type, body, correlation_id, traceparent, created_at,
           attempts
         FROM outbox WHERE not_before <= now() ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED`,
};

const deleteSent = {
  name: 'messaging-delete-outbox',
  text: 'DELETE FROM outbox WHERE id = ANY($1::uuid[])',
};

// The inner least: beyond 1,023 attempts, a day without a listener, power() would overflow, and
// the whole batch fail with it.
const postpone = {
  name: 'messaging-postpone-outbox',
  text: `UPDATE outbox SET attempts = attempts + 1,
           not_before = now() + make_interval(secs => least(power(2, least(attempts, 6)), 60))
         WHERE id = ANY($1::uuid[])`,
};

/** Below the 30 s after which the database ends a transaction that idles. */
const confirmTimeoutMs = 10_000;

/**
 * Carries committed messages to the broker: locks a batch, publishes it, and deletes what the
 * broker confirmed, all in one transaction. If the process dies in between, the rows are still
 * there and go out again with the same ids; the inbox absorbs the copies.
 */
export class Relay {
  private readonly stopping = new AbortController();
  private nudged = false;
  private idling = new AbortController();
  private running?: Promise<void>;
  private failures = 0;

  constructor(
    private readonly db: Database,
    private readonly publisher: Publisher,
    private readonly log: Logger,
    private readonly service: string,
  ) {
    db.onCommit(outboxTopic, () => this.nudge());
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Ends the batch under way; what is left is for the other replicas, or for the next start. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.idling.abort();
    await this.running;
  }

  nudge(): void {
    this.nudged = true;
    this.idling.abort();
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      this.nudged = false;
      const moved = await this.tryBatch();
      if (moved === batchMax || this.nudged) continue;
      await this.idle(pollMs);
    }
  }

  private async tryBatch(): Promise<number> {
    if (!this.publisher.isOpen) {
      await this.idle(100);
      return 0;
    }
    try {
      const moved = await this.db.transaction((tx) => this.moveBatch(tx));
      this.failures = 0;
      return moved;
    } catch (error) {
      this.failures += 1;
      if (this.failures % 10 === 1) {
        this.log.warn('relay failed', { error: asError(error).message });
      }
      await sleep(Math.min(100 * this.failures, 2_000), this.stopping.signal);
      return 0;
    }
  }

  private async moveBatch(tx: Transaction): Promise<number> {
    const rows = await tx.query<OutboxRow>(lockBatch, [batchMax]);
    if (rows.length === 0) return 0;
    const outcomes = await Promise.allSettled(rows.map((row) => this.publish(row)));
    const sent = rows.filter((_, i) => outcomes[i]?.status === 'fulfilled');
    const kept = rows.filter((_, i) => outcomes[i]?.status === 'rejected');
    if (sent.length > 0) await tx.query(deleteSent, [sent.map(({ id }) => id)]);
    if (kept.length > 0) {
      await tx.query(postpone, [kept.map(({ id }) => id)]);
      this.reportKept(rows, outcomes);
    }
    return rows.length;
  }

  private async publish(row: OutboxRow): Promise<void> {
    const envelope = {
      messageId: row.id,
      type: row.type,
      timestamp: row.created_at,
      correlationId: row.correlation_id,
      traceparent: row.traceparent ?? undefined,
    };
    const options = { ...toProperties(envelope, this.service), messageId: row.id };
    const content = Buffer.from(row.body);
    await this.publisher.publish(targetOf(row), content, options, confirmTimeoutMs);
  }

  private reportKept(rows: OutboxRow[], outcomes: PromiseSettledResult<void>[]): void {
    rows.forEach(({ id, type, attempts }, i) => {
      const outcome = outcomes[i];
      if (outcome?.status !== 'rejected' || attempts % 5 !== 0) return;
      const error = asError(outcome.reason);
      const cause = error instanceof Unroutable ? 'no queue listens to it yet' : error.message;
      this.log.warn('message stays in the outbox', { messageId: id, type, cause });
    });
  }

  private async idle(timeMs: number): Promise<void> {
    if (this.nudged || this.stopping.signal.aborted) return;
    this.idling = new AbortController();
    await sleep(timeMs, this.idling.signal);
  }
}

function targetOf({ exchange, routing_key: routingKey }: OutboxRow): Target {
  if (exchange === '') return { exchange, routingKey };
  const declare = async (channel: Channel) => {
    await channel.assertExchange(exchange, 'fanout', { durable: true });
  };
  return { exchange, routingKey, declare };
}
