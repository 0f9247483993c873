import type { LogEntries, LogEntry } from '@tradepost/contracts';
import type { Message, Received } from '@tradepost/messaging';

/** An entry as it is stored. */
export interface Row extends LogEntry {
  /** `<message>.<place>`: the same in every copy of the message. */
  id: string;
}

const dayMs = 24 * 60 * 60_000;

/** The entries of the messages, in their order. */
export function rowsOf(batch: Received<LogEntries>[]): Row[] {
  const latest = Date.now() + dayMs;
  return batch.flatMap(({ body, message }) =>
    body.entries.map((entry, place) => ({
      ...entry,
      // Three digits: ids are in the order of places.
      id: `${message.id}.${String(place).padStart(3, '0')}`,
      time: timeOf(entry, message, latest),
    })),
  );
}

/**
 * The rows as one text for `json_to_recordset`, as PostgreSQL can hold it: without U+0000 and
 * halves of surrogate pairs.
 */
export function storable(rows: object[]): string {
  return JSON.stringify(rows).replaceAll(/\\(?:(u0000|ud[89a-f]..)|.)/g, (escape, broken) =>
    broken === undefined ? escape : '\uFFFD',
  );
}

/**
 * The time of an entry, ISO 8601. The contract allows forms that JavaScript does not read, such as
 * week dates, and clocks may be wrong: an entry from before 1970 would be deleted at once, and one
 * from after tomorrow never. Such an entry counts from when its message was sent: its copy too.
 */
function timeOf({ time }: LogEntry, { timestamp }: Message, latest: number): string {
  const times = [Date.parse(time), timestamp?.getTime() ?? NaN];
  const credible = times.find((one) => one >= 0 && one <= latest);
  return new Date(credible ?? Date.now()).toISOString();
}
