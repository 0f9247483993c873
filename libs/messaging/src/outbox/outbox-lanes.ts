import { sleep } from '../time';
import { batchMax, closedMs, everyMs, OutboxMover, rowColumns } from './outbox-mover';
import type { MoverOptions } from './outbox-mover';

/** The walk of an exchange over its keys. */
interface Lane {
  /** The key that it has come to; empty before the first. */
  after: string;
  /** There may be more than it has met: it begins again. */
  isNudged: boolean;
}

interface Head {
  id: string;
  routing_key: string;
  is_due: boolean;
}

/** Exchanges at the same time: each has a connection of the database while the broker confirms. */
const lanesMax = 4;

// The first message of each key, whatever its state: what comes after it waits for it. From one key
// to the next by the index, so that a long line behind one costs nothing.
const selectHeads = {
  name: 'messaging-heads-outbox',
  text: `WITH RECURSIVE head AS (
           SELECT 0 AS n, $2::text AS routing_key, NULL::uuid AS id,
             NULL::timestamptz AS not_before
           UNION ALL
           SELECT n + 1, next.routing_key, next.id, next.not_before
           FROM head, LATERAL (
             SELECT routing_key, id, not_before FROM outbox
             WHERE exchange = $1 AND routing_key > head.routing_key AND position IS NOT NULL
             ORDER BY routing_key, position LIMIT 1) AS next
           WHERE n < $3::integer)
         SELECT id, routing_key, not_before <= now() AS is_due FROM head WHERE n > 0 ORDER BY n`,
};

// Once the first of its key a message stays so until it is gone.
const lockHeads = {
  name: 'messaging-lock-heads-outbox',
  text: `SELECT ${rowColumns}
         FROM outbox WHERE id = ANY($1::uuid[]) AND not_before <= now() FOR UPDATE SKIP LOCKED`,
};

const selectExchanges = {
  name: 'messaging-lanes-outbox',
  text: `WITH RECURSIVE lane AS (
           SELECT min(exchange) AS exchange FROM outbox WHERE position IS NOT NULL
           UNION ALL
           SELECT (SELECT min(exchange) FROM outbox
                   WHERE exchange > lane.exchange AND position IS NOT NULL)
           FROM lane WHERE exchange IS NOT NULL)
         SELECT exchange FROM lane WHERE exchange IS NOT NULL`,
};

/**
 * Publishes the messages that have a key, those of one key one after another: whichever process
 * sent them, a message goes out when no earlier one of its exchange and key is in the outbox. Each
 * exchange is a lane of its own, so that one whose queues are full holds up no other. A commit
 * nudges its lane; what a dead process left, and what is due again, is found once a second.
 */
export class OutboxLanes {
  private readonly stopping = new AbortController();
  private readonly mover: OutboxMover;
  /** Those with something to do. */
  private readonly lanes = new Map<string, Lane>();
  private readonly running = new Map<string, Promise<void>>();
  private looking?: Promise<void>;

  constructor(private readonly options: MoverOptions) {
    this.mover = new OutboxMover(options);
  }

  start(): void {
    this.looking ??= this.look();
  }

  /** Ends the batches under way; what is left is for the other replicas, or for the next start. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all([this.looking, ...this.running.values()]);
  }

  /** There may be something to publish. */
  nudge(exchange: string): void {
    const lane = this.lanes.get(exchange);
    if (lane === undefined) this.lanes.set(exchange, { after: '', isNudged: false });
    else lane.isNudged = true;
    this.begin();
  }

  private async look(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      if (!this.options.publisher.isOpen) {
        await sleep(closedMs, signal);
        continue;
      }
      const found = await this.mover.tried((db) => db.query<{ exchange: string }>(selectExchanges));
      for (const { exchange } of found ?? []) this.nudge(exchange);
      await sleep(everyMs, signal);
    }
  }

  private begin(): void {
    for (const [exchange, lane] of this.lanes) {
      if (this.stopping.signal.aborted || !this.options.publisher.isOpen) return;
      if (this.running.size >= lanesMax) return;
      if (this.running.has(exchange)) continue;
      const running = this.step(exchange, lane).finally(() => {
        this.running.delete(exchange);
        this.begin();
      });
      this.running.set(exchange, running);
    }
  }

  /** One batch, or the end of the lane. */
  private async step(exchange: string, lane: Lane): Promise<void> {
    if (lane.after === '') lane.isNudged = false;
    const values = [exchange, lane.after, batchMax];
    const heads = (await this.mover.tried((db) => db.query<Head>(selectHeads, values))) ?? [];
    // The publisher takes no more when it stops.
    const isLate = this.stopping.signal.aborted;
    const due = isLate ? [] : heads.filter((head) => head.is_due).map(({ id }) => id);
    const moved = due.length === 0 ? 0 : await this.mover.move(lockHeads, [due]);
    // What waited behind them may be the first now.
    if (moved > 0) lane.isNudged = true;
    const last = heads[batchMax - 1];
    lane.after = last?.routing_key ?? '';
    this.lanes.delete(exchange);
    // Behind the other lanes.
    if (last !== undefined || lane.isNudged) this.lanes.set(exchange, lane);
  }
}
