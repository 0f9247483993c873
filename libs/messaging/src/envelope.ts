import type { MessageProperties } from 'amqplib';
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

/** The same message, published once more: its properties as they came, with `headers` laid over. */
export function sameMessage(
  properties: MessageProperties,
  messageId: string | undefined,
  headers: Headers,
): Properties {
  const publish: Record<string, unknown> = {
    messageId,
    headers: { ...properties.headers, ...headers },
  };
  const kept = ['type', 'timestamp', 'appId', 'correlationId', 'contentType'] as const;
  for (const name of kept) {
    if (properties[name] !== undefined) publish[name] = properties[name];
  }
  return publish;
}

export function stringHeader(headers: Headers | undefined, name: string): string | undefined {
  const value = headers?.[name];
  return typeof value === 'string' ? value : undefined;
}

export function numberHeader(headers: Headers | undefined, name: string): number | undefined {
  const value = headers?.[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
