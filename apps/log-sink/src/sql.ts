import type { LogEntry } from '@tradepost/contracts';
import type { Received } from '@tradepost/messaging';

/** By name: a condition on the parameter `$`, and its value; undefined does not filter. */
export type Filters = Record<string, [condition: string, value: unknown]>;

/**
 * The WHERE of the filters that are given. Each combination is a statement of its own, so that
 * each has a plan of its own: one statement for all of them would have a plan for none.
 * @param before `[time, seq]` of the row that the page begins after
 */
export function where(filters: Filters, before?: unknown[]) {
  const given = Object.entries(filters).filter(([, [, value]]) => value !== undefined);
  const names = given.map(([name]) => name);
  const conditions = given.map(([, [sql]], index) => sql.replace('$', () => `$${index + 1}`));
  const values = given.map(([, [, value]]) => value);
  if (before) {
    names.push('before');
    conditions.push(`(time, seq) < ($${values.length + 1}, $${values.length + 2})`);
    values.push(...before);
  }
  return {
    name: names.map((name) => `-${name}`).join(''),
    text: conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '',
    values,
  };
}

/** The jsonpath of documents that have all `fields`. The text `3` finds the number 3 as well. */
export function hasFields(fields: Record<string, string>): string {
  const conditions = Object.entries(fields).map(([name, value]) => {
    const isLiteral = /^(true|false|(0|[1-9]\d*)(\.\d+)?)$/.test(value);
    return [JSON.stringify(value), ...(isLiteral ? [value] : [])]
      .map((literal) => `$.${JSON.stringify(name)} == ${literal}`)
      .join(' || ');
  });
  return conditions.map((condition) => `(${condition})`).join(' && ');
}

const dayMs = 24 * 60 * 60_000;

/**
 * The time of an entry, ISO 8601. The contract allows forms that JavaScript does not read, such as
 * week dates, and clocks may be wrong: an entry from before 1970 or after tomorrow would never be
 * deleted or at once. Such an entry counts from when its message was sent.
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

/** The JSON text as jsonb can hold it: without U+0000 and halves of surrogate pairs. */
export function storableJson(data: object | undefined): string | null {
  if (data === undefined) return null;
  return JSON.stringify(data).replaceAll(/\\(?:(u0000|ud[89a-f]..)|.)/g, (escape, broken) =>
    broken === undefined ? escape : '\uFFFD',
  );
}
