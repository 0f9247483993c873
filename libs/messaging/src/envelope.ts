import type { PropertyList } from './connection/property-list';
import type { Properties } from './connection/publish-frames';
import { v7 as uuidv7 } from 'uuid';
import { currentTrace } from './context';

/** Names of the headers the runtime reads and writes. docs/ARCHITECTURE.md has the table. */
export const headerNames = {
  traceparent: 'traceparent',
  attempt: 'x-attempt',
  firstFailedAt: 'x-first-failed-at',
  lastFailedAt: 'x-last-failed-at',
  errorCode: 'x-error-code',
  errorMessage: 'x-error-message',
  handler: 'x-handler',
  attempts: 'x-attempts',
  deadline: 'x-deadline',
  firstExchange: 'x-first-exchange',
  firstRoutingKey: 'x-first-routing-key',
  replays: 'x-replays',
  firstTry: 'x-first-try',
  errorStack: 'x-error-stack',
  onDead: 'x-on-dead',
  discarded: 'x-discarded',
} as const;

export type Headers = Record<string, unknown>;

/** The properties of a message on its way out. */
export type Outgoing = Properties & { messageId: string };

/** What makes a message itself, whichever way it travels. */
export interface Envelope {
  messageId: string;
  type: string;
  timestamp: Date;
  correlationId: string;
  traceparent?: string;
}

/** A new message of `type`, a step of the flow that is running. */
export function newEnvelope(type: string): Envelope {
  const trace = currentTrace();
  const messageId = uuidv7();
  return {
    messageId,
    type,
    timestamp: new Date(),
    correlationId: trace?.correlationId ?? messageId,
    traceparent: trace?.traceparent,
  };
}

/** AMQP properties: the envelope's own, plus the CloudEvents 1.0 attributes as headers. */
export function toProperties(envelope: Envelope, service: string): Outgoing {
  const { messageId, type, timestamp, correlationId, traceparent } = envelope;
  return {
    messageId,
    type,
    timestamp: Math.floor(timestamp.getTime() / 1_000),
    appId: service,
    correlationId,
    contentType: 'application/json',
    headers: {
      'cloudEvents:specversion': '1.0',
      'cloudEvents:id': messageId,
      'cloudEvents:source': `/${service}`,
      'cloudEvents:type': type,
      'cloudEvents:time': timestamp.toISOString(),
      [headerNames.traceparent]: traceparent,
    },
  };
}

const leftOut = new Set([
  // Each republish would send copies to those queues again.
  'CC',
  'BCC',
  // The broker counts deliveries itself.
  'x-delivery-count',
  'x-acquired-count',
]);

/**
 * The same message, published once more: a retry, a dead letter, a message of a bundle, a replay,
 * an undo, a move. All properties and headers go on as they came, but those that are not true of
 * the copy: the broker takes only this connection's own user id, and an expiration would end the
 * message in a queue where it waits on purpose.
 * @param list is changed
 * @param messageId for a message that has none
 * @param headers laid over; one that is undefined is taken away
 */
export function sameMessage(list: PropertyList, messageId: string, headers?: Headers): Outgoing;
export function sameMessage(list: PropertyList, messageId: undefined): Properties;
export function sameMessage(
  list: PropertyList,
  messageId: string | undefined,
  headers: Headers = {},
): Properties {
  list.delete('userId', 'expiration');
  list.deleteHeaders((name) => leftOut.has(name));
  const own = list.textOf('messageId');
  list.set({ headers, messageId: own === undefined ? messageId : undefined });
  // What the broker returns is known by this id.
  return { list, messageId: own ?? messageId };
}

export function stringHeader(headers: Headers | undefined, name: string): string | undefined {
  const value = headers?.[name];
  return typeof value === 'string' ? value : undefined;
}

/** The end of the year 9999, in epoch seconds: the last that ISO 8601 has four digits for. */
const secondsMax = 253_402_300_799;

/**
 * The time of a message, from epoch seconds.
 * @returns undefined for what cannot be one: 0, which stands for none, or milliseconds
 */
export function timeOf(seconds: unknown): Date | undefined {
  const isTime = typeof seconds === 'number' && seconds > 0 && seconds <= secondsMax;
  return isTime ? new Date(seconds * 1_000) : undefined;
}

/** A whole number from 1 on; a sender may have written anything. */
export function countHeader(headers: Headers | undefined, name: string): number | undefined {
  const value = headers?.[name];
  return Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : undefined;
}

export function numberHeader(headers: Headers | undefined, name: string): number | undefined {
  const value = headers?.[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
