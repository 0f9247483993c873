import { inspect } from 'node:util';
import type { LogEntry, LogLevel } from '@tradepost/contracts';

const messageMax = 8_192;
const contextMax = 200;
const dataBytesMax = 16_384;

type Words = Pick<LogEntry, 'message' | 'context' | 'data'>;

/**
 * Makes sense of Nest's call: the message, then anything, then the context as the last text; an
 * error may bring its stack as a text of its own.
 */
export function toEntry(
  level: LogLevel,
  service: string,
  message: unknown,
  params: unknown[],
  traceId?: string,
): LogEntry {
  const { message: text, context, data } = readWords(message, params);
  return {
    level,
    service,
    message: text.slice(0, messageMax),
    time: new Date().toISOString(),
    ...(context !== undefined && { context: context.slice(0, contextMax) }),
    ...(traceId !== undefined && { traceId }),
    ...(data && Object.keys(data).length > 0 && { data: bounded(data) }),
  };
}

function readWords(message: unknown, params: unknown[]): Words {
  const rest = [...params];
  const context = typeof rest.at(-1) === 'string' ? (rest.pop() as string) : undefined;
  const data: Record<string, unknown> = {};
  for (const part of typeof message === 'string' ? rest : [message, ...rest]) add(data, part);
  return { message: typeof message === 'string' ? message : title(message), context, data };
}

function add(data: Record<string, unknown>, part: unknown): void {
  if (part === undefined || part === null) return;
  if (part instanceof Error) {
    data['error'] = `${part.name}: ${part.message}`;
    if (part.stack) data['stack'] = part.stack;
  } else if (typeof part === 'object' && !Array.isArray(part)) {
    Object.assign(data, part);
  } else if (typeof part === 'string' && part.includes('\n    at ')) {
    data['stack'] = part;
  } else {
    data['more'] = [...((data['more'] as unknown[] | undefined) ?? []), part];
  }
}

function title(message: unknown): string {
  if (message instanceof Error) return message.message;
  return typeof message === 'object' ? '(see data)' : inspect(message);
}

// A line must be printable and small, whatever it was given: cycles, bigints, a whole response.
function bounded(data: Record<string, unknown>): Record<string, unknown> {
  try {
    const text = JSON.stringify(data, plain);
    if (text.length > dataBytesMax) return { truncated: text.slice(0, dataBytesMax) };
    return JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    return { unprintable: String(error) };
  }
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  return value;
}
