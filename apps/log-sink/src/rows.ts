import type { LogEntries, LogEntry } from '@tradepost/contracts';
import type { Received } from '@tradepost/messaging';

/** An entry as it is stored. */
export interface Row extends LogEntry {
  /** `<message>.<place>`: the same in every copy of the message. */
  id: string;
}

const dayMs = 24 * 60 * 60_000;

/** The entries of the messages, in their order. */
export function rowsOf(batch: Received<LogEntries>[]): Row[] {
  return batch.flatMap(({ body, message }) => {
    const sentAt = message.timestamp ?? new Date();
    return body.entries.map((entry, place) => ({
      ...entry,
      // Three digits: ids are in the order of places.
      id: `${message.id}.${String(place).padStart(3, '0')}`,
      time: timeOf(entry, sentAt),
    }));
  });
}

/**
 * The rows as one text for `json_to_recordset`, as PostgreSQL can hold it: without U+0000 and
 * halves of surrogate pairs.
 */
export function storable(rows: Row[]): string {
  return JSON.stringify(rows).replaceAll(/\\(?:(u0000|ud[89a-f]..)|.)/g, (escape, broken) =>
    broken === undefined ? escape : '\uFFFD',
  );
}

/**
 * The time of an entry, ISO 8601. The contract allows forms that JavaScript does not read, such as
 * week dates, and clocks may be wrong: an entry from before 1970 or from the day after it was sent
 * would never be deleted or at once. Such an entry counts from when its message was sent.
 */
function timeOf(entry: LogEntry, sentAt: Date): string {
  const time = Date.parse(entry.time);
  const credible = time >= 0 && time <= sentAt.getTime() + dayMs;
  return (credible ? new Date(time) : sentAt).toISOString();
}
