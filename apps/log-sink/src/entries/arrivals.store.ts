import { Injectable } from '@nestjs/common';
import type { LogEntries, LogLevel } from '@tradepost/contracts';
import { Db, type Tx } from '@tradepost/database';
import { storable } from './rows';

/** Lines of a level that a service published, by the queue that brought them. */
export interface Arrivals {
  queue: string;
  service: string;
  level: LogLevel;
  received: number;
  /** Published and not here: dropped by the full queue, lost on the way, or not stored yet. */
  missing: number;
  /** When that number has grown; null: never. */
  missedAt: Date | null;
}

interface Numbered {
  body: LogEntries;
  message: { queue: string };
}

interface Arrival {
  instance: string;
  level: LogLevel;
  service: string;
  first: number;
  highest: number;
  received: number;
}

const missing = (highest: string, received: string) =>
  `greatest(0, ${highest} - known.base + 1 - ${received})`;

const highest = 'greatest(known.highest, EXCLUDED.highest)';
const received = 'known.received + EXCLUDED.received';

// What a process published before log-sink ever had its queue could not come. Later each should
// begin with 1.
const addArrivals = {
  name: 'log-sink-add-arrivals',
  text: `
    INSERT INTO log_arrivals AS known (
      queue, instance, level, service, base, highest, received, seen_at, missed_at, created_at)
    SELECT $1, instance, level, service, base, highest, received, now(),
           CASE WHEN highest - base + 1 > received THEN now() END, now()
      FROM (SELECT *, CASE WHEN EXISTS (
                   SELECT FROM log_arrivals
                    WHERE queue = $1 AND created_at < now() - interval '1 minute')
                 THEN 1 ELSE first END AS base
              FROM json_to_recordset($2) AS arrival (
                instance uuid, level text, service text, first bigint, highest bigint,
                received bigint)) AS arrival
     ORDER BY instance, level
    ON CONFLICT (queue, instance, level) DO UPDATE SET
      highest = ${highest},
      received = ${received},
      seen_at = now(),
      missed_at = CASE
        WHEN ${missing(highest, received)} > ${missing('known.highest', 'known.received')}
        THEN now() ELSE known.missed_at END`,
};

const listArrivals = {
  name: 'log-sink-list-arrivals',
  text: `SELECT queue, service, level, sum(received)::bigint AS received,
                sum(${missing('highest', 'received')})::bigint AS missing,
                max(missed_at) AS "missedAt"
         FROM log_arrivals AS known GROUP BY queue, service, level
         ORDER BY queue, service, level`,
};

const deleteArrivals = {
  name: 'log-sink-delete-arrivals',
  text: 'DELETE FROM log_arrivals WHERE seen_at < now() - make_interval(days => $1)',
};

@Injectable()
export class ArrivalsStore {
  constructor(private readonly db: Db) {}

  /** Counts messages of one queue that have not come before, of those that have numbers. */
  async add(tx: Tx, messages: readonly Numbered[]): Promise<void> {
    const queue = messages[0]?.message.queue;
    const arrivals = arrivalsOf(messages);
    if (arrivals.length > 0) await tx.query(addArrivals, [queue, storable(arrivals)]);
  }

  async list(): Promise<Arrivals[]> {
    return this.db.query<Arrivals>(listArrivals);
  }

  /** Forgets processes that have said nothing for so long. */
  async forget(days: number): Promise<void> {
    await this.db.query(deleteArrivals, [days]);
  }
}

function arrivalsOf(messages: readonly Numbered[]): Arrival[] {
  const arrivals = new Map<string, Arrival>();
  for (const { body } of messages) {
    const { entries, sequence } = body;
    const [entry] = entries;
    if (!sequence || !entry) continue;
    const { instance, first } = sequence;
    // The contract has no end of numbers, a bigint has.
    if (!Number.isSafeInteger(first + entries.length)) continue;
    const { level, service } = entry;
    const key = `${instance} ${level}`;
    const known = arrivals.get(key) ?? { instance, level, service, first, highest: 0, received: 0 };
    known.first = Math.min(known.first, first);
    known.highest = Math.max(known.highest, first + entries.length - 1);
    known.received += entries.length;
    arrivals.set(key, known);
  }
  return [...arrivals.values()];
}
