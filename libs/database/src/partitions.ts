import type { Db } from './db';

/** As libs/messaging/migrations/0001-partitions.sql has it: a partition a day, and a default. */
interface DailyTable {
  table: string;
  /** A partition goes when its day (UTC) is over for so many days. */
  days: number;
  /**
   * The column that says when a row was written, where that may be days after the time in its key:
   * rows are kept for `days` by it too, in the default partition.
   */
  lateBy?: string;
}

/** So many, for a database whose services were all stopped for a while. */
const daysAhead = 3;

const makeDays = {
  name: 'partitions-make',
  text: 'SELECT partitions.make($1::regclass, $2)',
};

const dropOldest = {
  name: 'partitions-drop-oldest',
  text: 'SELECT partitions.drop_oldest($1::regclass, $2, $3) AS dropped',
};

/**
 * Makes the partitions of the days ahead and drops the old ones. Every replica may call it at any
 * time: none waits for another, and no statement waits longer than 200 ms for it.
 *
 * A migration creates the table `PARTITION BY RANGE` of one column, a default partition, and the
 * first days; then a job calls this every few minutes. The default partition is swept by its owner:
 * ```sql
 * CREATE TABLE notes (id uuid PRIMARY KEY, note text) PARTITION BY RANGE (id); -- UUIDv7
 * CREATE TABLE notes_default PARTITION OF notes DEFAULT;
 * SELECT partitions.make('notes', 3);
 * ```
 * @returns how many partitions it dropped
 */
export async function keepPartitions(db: Db, { table, days, lateBy }: DailyTable): Promise<number> {
  await db.query(makeDays, [table, daysAhead]);
  let dropped = 0;
  for (;;) {
    const [row] = await db.query<{ dropped: boolean }>(dropOldest, [table, days, lateBy ?? null]);
    if (row?.dropped !== true) return dropped;
    dropped += 1;
  }
}
