import { Inject, Injectable } from '@nestjs/common';
import type { Engine } from '../engine';
import { deadQueue } from '../handlers/handler';
import { MessagingHealth } from '../liveness/health';
import type { HeldCount } from '../ordered/held-figures';
import { serviceDatabase, type Database } from '../outbox/database';
import { Runtime } from '../runtime';
import type { Histogram } from './histogram';
import { Named } from './named';
import type { OperationTime } from './operation-times';

interface ErrorCount {
  errorType: string;
  count: number;
}

/** What a handler of this process has done since its start. */
export interface HandlerMetrics {
  queue: string;
  /** Messages that ended here, by their error; the empty one for those that were handled. */
  consumed: ErrorCount[];
  retried: ErrorCount[];
  deadLettered: ErrorCount[];
  /** Copies that `once` has found. */
  absorbed: number;
  /** Deliveries that the broker has made before; a bundle is one. */
  redelivered: number;
  /** Questions whose caller had given up. */
  expired: number;
  /** Seconds of its calls, by the error of the call. */
  calls: { errorType: string; seconds: Histogram }[];
  /** Messages a call. */
  batches: Histogram;
  /** Messages that it has now. */
  inHand: number;
  paused: boolean;
}

/** What this process knows itself. */
export interface ProcessMetrics {
  sent: { destination: string; count: number }[];
  publishing: OperationTime[];
  asking: OperationTime[];
  handlers: HandlerMetrics[];
  rpc: { inFlight: number; lateReplies: number };
  connections: { name: 'publishing' | 'consuming'; up: boolean; blocked: boolean }[];
}

/** What the broker says of a handler's queue. */
export interface QueueMetrics {
  queue: string;
  /** Undefined: the broker does not say. */
  consumers?: number;
  deadLetters: { queue: string; messages: number } | undefined;
}

/** What the database knows. */
export interface StoredMetrics {
  /** Messages that wait to be sent, 100,000 at most. */
  outbox: number;
  outboxLagSeconds: number;
  /** About as many as the inbox knows, as of PostgreSQL's last look. */
  inbox: number;
  /** What waits of each handler in order, by its queue. */
  held: Record<string, HeldCount>;
}

const destinationsMax = 100;

// Counting more rows takes its time, and nobody wants to know them exactly. Of the inbox, which has
// millions, what the last vacuum or analyze of each partition has counted; -1 is never.
const askStored = {
  name: 'messaging-ask-stored',
  text: `SELECT
           (SELECT count(*) FROM (SELECT FROM outbox LIMIT 100000) AS counted)::integer AS outbox,
           (SELECT extract(epoch FROM clock_timestamp() - created_at)
            FROM outbox ORDER BY id LIMIT 1)::float8 AS lag_seconds,
           (SELECT coalesce(sum(greatest(reltuples, 0)), 0)
            FROM pg_inherits JOIN pg_class ON oid = inhrelid
            WHERE inhparent = 'inbox'::regclass)::float8 AS inbox`,
};

/** Numbers for whoever collects them: they cost the hot path an addition. */
@Injectable()
export class MessagingMetrics {
  constructor(
    private readonly runtime: Runtime,
    private readonly health: MessagingHealth,
    @Inject(serviceDatabase) private readonly db: Database | undefined,
  ) {}

  /** Whether there is an outbox and an inbox. */
  get hasDatabase(): boolean {
    return this.db !== undefined;
  }

  process(): ProcessMetrics {
    const { observed, rpc, publishing, consuming, handlers } = this.runtime;
    const connections = [
      { name: 'publishing' as const, link: publishing },
      { name: 'consuming' as const, link: consuming },
    ];
    return {
      sent: this.sent(),
      publishing: observed.publishing.all(),
      asking: observed.asking.all(),
      handlers: handlers.flatMap((handler) => this.handler(handler)),
      rpc: { inFlight: rpc.inFlight, lateReplies: rpc.lateReplies },
      connections: connections.map(({ name, link }) => {
        return { name, up: link.isUp, blocked: link.blocked !== undefined };
      }),
    };
  }

  /** By the database. @throws why it does not say */
  async stored(): Promise<StoredMetrics> {
    const { db, health } = this;
    type Row = { outbox: number; lag_seconds: number | null; inbox: number };
    // One after the other: a silent database has one question of it, however often it is asked.
    const [row] = (await db?.query<Row>(askStored)) ?? [];
    const held = await health.countHeld();
    const { outbox = 0, lag_seconds: lagSeconds = 0, inbox = 0 } = row ?? {};
    // The clocks of this machine and of the database may differ a little.
    return { outbox, outboxLagSeconds: Math.max(0, lagSeconds ?? 0), inbox, held };
  }

  /** By the broker, within 3 s. @throws why it does not say */
  async queues(): Promise<QueueMetrics[]> {
    const { consumers, deadLetters } = await this.health.queues();
    return this.runtime.consumers.map(({ queue, handler: { partitionOf } }) => {
      const dead = deadQueue(queue);
      // Those of a partition are in the queue of the first.
      const messages = partitionOf && partitionOf.queue !== queue ? null : deadLetters.get(dead);
      return {
        queue,
        consumers: consumers.get(queue),
        deadLetters: typeof messages === 'number' ? { queue: dead, messages } : undefined,
      };
    });
  }

  private sent(): ProcessMetrics['sent'] {
    const counts = new Named(destinationsMax, () => ({ count: 0 }));
    for (const { exchange, routingKey, count } of this.runtime.observed.counts.all()) {
      counts.of(exchange === '' ? routingKey : exchange).count += count;
    }
    return [...counts.all()].map(([destination, { count }]) => ({ destination, count }));
  }

  private handler({ wiring: { queue }, consumers }: Engine['handlers'][number]): HandlerMetrics[] {
    const observer = this.runtime.observers.get(queue);
    if (observer === undefined) return [];
    const { absorbed, redelivered, expired, batches, refusals } = observer;
    const [retried, deadLettered] = [observer.retries.all(), observer.deadLetters.all()];
    const consumed = new Map([['', observer.handled - refusals.total]]);
    for (const { errorType, count } of [...retried, ...deadLettered, ...refusals.all()]) {
      consumed.set(errorType, (consumed.get(errorType) ?? 0) + count);
    }
    return [
      {
        queue,
        consumed: [...consumed].map(([errorType, count]) => ({ errorType, count })),
        retried,
        deadLettered,
        absorbed,
        redelivered,
        expired,
        calls: [...observer.calls.all()].map(([errorType, seconds]) => ({ errorType, seconds })),
        batches,
        inHand: consumers.reduce((sum, { inHand }) => sum + inHand, 0),
        paused: consumers.some(({ isPaused }) => isPaused),
      },
    ];
  }
}
