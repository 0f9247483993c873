import { IntrinsicException } from '@nestjs/common';
import { inspect } from 'node:util';
import type { LogEntry } from '@tradepost/contracts';

const messageMax = 8_192;
const contextMax = 200;
/** Of the JSON of all fields together. */
const dataMax = 16_384;

type Fields = Record<string, unknown>;

/**
 * Reads the arguments that Nest gives its logger: the message, then fields or errors, then the
 * context as the last text. An error may come with its stack as a text of its own.
 */
export function readCall(
  message: unknown,
  params: unknown[],
): Pick<LogEntry, 'message' | 'context' | 'data'> {
  const rest = [...params];
  const context = typeof rest.at(-1) === 'string' ? (rest.pop() as string) : undefined;
  const fields: Fields = {};
  for (const part of typeof message === 'string' ? rest : [message, ...rest]) add(fields, part);
  const text = typeof message === 'string' ? message : titleOf(message);
  return {
    message: text.slice(0, messageMax),
    context: context?.slice(0, contextMax),
    data: Object.keys(fields).length > 0 ? bounded(fields) : undefined,
  };
}

function add(fields: Fields, part: unknown): void {
  if (part === undefined || part === null) return;
  if (part instanceof Error) {
    fields['error'] = nameAndMessage(part);
    // A known error says all by its name and message.
    if (part.stack && !(part instanceof IntrinsicException)) fields['stack'] = part.stack;
  } else if (typeof part === 'object' && !Array.isArray(part)) {
    Object.assign(fields, part);
    if (fields['error'] instanceof Error) add(fields, fields['error']);
  } else if (typeof part === 'string' && part.includes('\n    at ')) {
    fields['stack'] = part;
  } else {
    fields['more'] = [...((fields['more'] as unknown[] | undefined) ?? []), part];
  }
}

function titleOf(message: unknown): string {
  if (message instanceof Error) return message.message;
  return typeof message === 'object' ? '(see data)' : inspect(message);
}

// A field that is too large or cannot be printed costs its own value, not those of the others. One
// that no message may have, `constructor` and its like, is left out at any depth.
function bounded(fields: Fields): Fields {
  const kept: Fields = {};
  let left = dataMax;
  for (const [name, value] of Object.entries(fields)) {
    if (name in Object.prototype) continue;
    left -= name.length + 2;
    if (left <= 0) break;
    if (isPlain(value, left)) {
      kept[name] = value;
      left -= String(value).length;
      continue;
    }
    const text = print(value);
    if (text === undefined) continue;
    kept[name] = text.length <= left ? (JSON.parse(text) as unknown) : text.slice(0, left);
    left -= text.length;
  }
  return kept;
}

// Most fields are ids, states and counts: what JSON would give back as it is.
function isPlain(value: unknown, max: number): boolean {
  if (typeof value === 'string') return value.length <= max;
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
}

function print(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, plain);
  } catch (error) {
    return JSON.stringify(`unprintable: ${String(error)}`);
  }
}

function plain(key: string, value: unknown): unknown {
  if (key in Object.prototype) return undefined;
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Error) return nameAndMessage(value);
  return value;
}

function nameAndMessage(error: Error): string {
  return `${error.name}: ${error.message}`;
}
