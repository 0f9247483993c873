import { HttpException } from '@nestjs/common';
import { asError, Rejected } from '../errors';
import { errorCode } from './failures';

/** What a pipe refuses, it refuses each time. */
const permanentStatuses = new Set([400, 422]);

/** As retries and dead letters judge and name it. */
export function failureOf(thrown: unknown): Error {
  if (thrown instanceof HttpException) {
    const text = messageOf(thrown.getResponse()) ?? thrown.message;
    if (permanentStatuses.has(thrown.getStatus())) return new Rejected(errorCode(thrown), text);
  }
  // What a filter makes of an error is seldom one.
  const text = thrown instanceof Error ? undefined : messageOf(thrown);
  return text === undefined ? asError(thrown) : new Error(text);
}

function messageOf(value: unknown): string | undefined {
  const { message } = Object(value) as { message?: unknown };
  if (Array.isArray(message)) return message.join('; ');
  return typeof message === 'string' ? message : undefined;
}
