import type { LogEntry } from '@tradepost/contracts';
import type { Received } from '@tradepost/messaging';

const dayMs = 24 * 60 * 60_000;

/**
 * The time of an entry, ISO 8601. The contract allows forms that JavaScript does not read, such as
 * week dates, and clocks may be wrong: a time before 1970 or after tomorrow would never be deleted
 * or at once. Such an entry counts from when its message was sent.
 */
export function timeOf({ body, message }: Received<LogEntry>, now = new Date()): string {
  const time = Date.parse(body.time);
  const credible = time >= 0 && time <= now.getTime() + dayMs;
  return (credible ? new Date(time) : (message.timestamp ?? now)).toISOString();
}

/** The text as PostgreSQL can hold it: without U+0000. */
export function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD');
}

export function storableOrNull(text: string | undefined): string | null {
  return text === undefined ? null : storable(text);
}
