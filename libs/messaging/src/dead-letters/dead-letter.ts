import type { ConsumeMessage } from 'amqplib';
import { createHash } from 'node:crypto';
import { droppedHeader } from '../connection/property-list';
import { encodingOf } from '../content';
import { countHeader, headerNames, stringHeader, timeOf, type Headers } from '../envelope';
import { messageIdOf } from '../message';
import { isFound } from './search';
import type { DeadLetter, DeadLetterDetails, Selection } from './shapes';
import { utf8Text } from '../utf8';

interface Death {
  reason?: unknown;
  count?: unknown;
  time?: { value?: unknown };
}

const deadSuffix = '.dead';

export function originOf(deadQueue: string): string {
  return deadQueue.endsWith(deadSuffix) ? deadQueue.slice(0, -deadSuffix.length) : deadQueue;
}

export function deadLetterOf(raw: ConsumeMessage, deadQueue: string): DeadLetter {
  const headers: Headers = raw.properties.headers ?? {};
  const common = {
    id: idOf(raw),
    queue: originOf(deadQueue),
    type: raw.properties.type as string | undefined,
    replays: replaysOf(headers),
    traceparent: stringHeader(headers, headerNames.traceparent),
  };
  const handler = stringHeader(headers, headerNames.handler);
  const firstFailedAt = stringHeader(headers, headerNames.firstFailedAt);
  if (handler === undefined) return { ...common, firstFailedAt, ...brokerFailure(headers) };
  return {
    ...common,
    errorCode: stringHeader(headers, headerNames.errorCode) ?? 'unknown',
    errorMessage: stringHeader(headers, headerNames.errorMessage) ?? '',
    errorStack: stringHeader(headers, headerNames.errorStack),
    handler,
    attempts: countHeader(headers, headerNames.attempts),
    firstFailedAt,
    lastFailedAt: stringHeader(headers, headerNames.lastFailedAt),
  };
}

export function detailsOf(raw: ConsumeMessage, deadLetter: DeadLetter): DeadLetterDetails {
  const text = encodingOf(raw) === undefined ? utf8Text(raw.content) : undefined;
  return {
    ...deadLetter,
    contentEncoding: encodingOf(raw),
    headersDropped: stringHeader(raw.properties.headers, droppedHeader),
    body: text ?? raw.content.toString('base64'),
    bodyEncoding: text === undefined ? 'base64' : undefined,
    headers: { ...raw.properties.headers },
  };
}

// The broker writes no code and no handler: only why, when and how often.
function brokerFailure(headers: Headers) {
  const deaths = headers['x-death'];
  const [death] = Array.isArray(deaths) ? (deaths as Death[]) : [];
  const reason = typeof death?.reason === 'string' ? death.reason : 'unknown';
  return {
    errorCode: reason,
    errorMessage:
      reason === 'delivery_limit'
        ? 'returned unacknowledged too often: its process died of it'
        : `dead-lettered by the broker: ${reason}`,
    handler: '-',
    lastFailedAt: timeOf(death?.time?.value)?.toISOString(),
  };
}

function idOf(raw: ConsumeMessage): string {
  const digest = () => createHash('sha256').update(raw.content).digest('hex');
  return messageIdOf(raw) ?? `sha-${digest().slice(0, 16)}`;
}

export function isSelected(
  selection: Selection,
  deadLetter: DeadLetter,
  raw: ConsumeMessage,
): boolean {
  const { ids, queue, code, type, from, to } = selection;
  if (ids !== undefined && !ids.includes(deadLetter.id)) return false;
  if (queue !== undefined && originOf(queue) !== deadLetter.queue) return false;
  if (code !== undefined && code !== deadLetter.errorCode) return false;
  if (type !== undefined && type !== deadLetter.type) return false;
  const failedAt = Date.parse(deadLetter.lastFailedAt ?? deadLetter.firstFailedAt ?? '');
  if (from !== undefined && !(failedAt >= Date.parse(from))) return false;
  if (to !== undefined && !(failedAt < Date.parse(to))) return false;
  return isFound(selection, deadLetter, raw);
}

/** A header that a failure left on a message; without them a replay starts with all its tries. */
export function isOfFailure(name: string): boolean {
  return failureHeaders.test(name);
}

const failureHeaders = new RegExp(
  '^x-(attempts?|on-dead|error-code|error-message|error-stack|handler|' +
    '(first|last)-failed-at|death|(first|last)-death-.*)$',
);

export function replaysOf(headers: Headers = {}): number {
  return countHeader(headers, headerNames.replays) ?? 0;
}
