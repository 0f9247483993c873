import type { ConsumeMessage } from 'amqplib';
import { jsonOf } from '../body';
import { plainContent } from '../content';
import type { DeadLetter, Selection } from './shapes';

/** Whether the body has what is searched for; one that is no JSON has no fields. */
export function isFound(
  { field, q }: Selection,
  { errorMessage }: DeadLetter,
  raw: ConsumeMessage,
): boolean {
  if (field === undefined && q === undefined) return true;
  const wanted = q?.toLowerCase();
  if (wanted !== undefined && !errorMessage.toLowerCase().includes(wanted)) {
    if (!raw.content.toString().toLowerCase().includes(wanted)) return false;
  }
  if (field === undefined) return true;
  const body = bodyOf(raw);
  return Object.entries(field).every(([name, value]) => hasField(body, name, value));
}

function bodyOf(raw: ConsumeMessage): unknown {
  try {
    return jsonOf(plainContent(raw));
  } catch {
    return undefined;
  }
}

function hasField(value: unknown, name: string, wanted: string): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, inner]: [string, unknown]) => {
    if (key === name && textOf(inner) === wanted) return true;
    return hasField(inner, name, wanted);
  });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
