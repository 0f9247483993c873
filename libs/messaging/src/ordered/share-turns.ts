import type { Logger } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { Consumer } from '../consume/consumer';
import { asError } from '../errors';
import type { Database } from '../outbox/database';
import { sleep } from '../time';

const everyMs = 5_000;
/** A replica that has died counts for so long. */
const seenSeconds = 15;

// The broker's own count has, from one version to the next, those that wait for their turn or not.
const countReplicas = {
  name: 'messaging-count-replicas',
  text: `WITH seen AS (
           INSERT INTO partition_replicas (queue, replica, seen_at) VALUES ($1, $2, now())
           ON CONFLICT (queue, replica) DO UPDATE SET seen_at = now()),
         gone AS (
           DELETE FROM partition_replicas
            WHERE queue = $1 AND replica <> $2 AND seen_at < now() - interval '1 hour')
         SELECT count(*)::integer AS others FROM partition_replicas
          WHERE queue = $1 AND replica <> $2
            AND seen_at > now() - interval '${seenSeconds} seconds'`,
};

const leave = {
  name: 'messaging-leave-replicas',
  text: 'DELETE FROM partition_replicas WHERE queue = $1 AND replica = $2',
};

interface Options {
  queue: string;
  /** One for each partition. */
  consumers: readonly Consumer[];
  db: Database;
  log: Logger;
}

/**
 * Hands over partitions until no replica has more than its share: the broker gives each to whoever
 * asked first, and so all of them to the replica that started first.
 */
export class ShareTurns {
  private readonly replica = randomUUID();
  private readonly stopping = new AbortController();
  private looping?: Promise<void>;

  constructor(private readonly options: Options) {}

  start(): void {
    this.looping ??= this.loop();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.looping;
    const { db, queue } = this.options;
    await db.query(leave, [queue, this.replica]).catch((error: unknown) => this.failed(error));
  }

  private async loop(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.look().catch((error: unknown) => this.failed(error));
      // Jitter: two replicas look at different moments.
      await sleep(everyMs * (0.75 + Math.random() * 0.5), signal);
    }
  }

  /** One at a time: it is taken by another before the next is handed over. */
  private async look(): Promise<void> {
    const { db, queue, consumers } = this.options;
    if (consumers.some(({ isPaused }) => isPaused)) return;
    const [row] = await db.query<{ others: number }>(countReplicas, [queue, this.replica]);
    const share = Math.ceil(consumers.length / (1 + (row?.others ?? 0)));
    const [first, ...others] = consumers.filter(({ hasTurn }) => hasTurn);
    if (first === undefined || others.length < share) return;
    first.handOver(`1 of ${1 + others.length} partitions handed over, its share is ${share}`);
  }

  private failed(error: unknown): void {
    this.options.log.debug('partitions not shared', { error: asError(error).message });
  }
}
