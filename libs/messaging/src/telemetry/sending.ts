import { SpanKind } from '@opentelemetry/api';
import type { Envelope } from '../envelope';
import type { Destination } from '../outbox/outbox-row';
import { destinationOf, end, names, startSpan } from './spans';
import { contextOf, isLeftOut, traceparentOf } from './traceparent';
import { tracing } from './tracer';

/**
 * Runs `write`, which puts messages into the outbox. Each has a span, in the trace of what it was
 * sent for, and goes on from there: its envelope is changed before `write` runs.
 */
export function inSendSpans(
  { exchange, routingKey }: Destination,
  messages: readonly [Envelope, body: string][],
  write: () => void | Promise<void>,
): void | Promise<void> {
  const tracer = tracing();
  if (tracer === undefined) return write();
  const destination = destinationOf(exchange, routingKey);
  const spans = messages.flatMap(([envelope, body]) => {
    if (isLeftOut(envelope.traceparent)) return [];
    const attributes = {
      [names.messageId]: envelope.messageId,
      [names.conversationId]: envelope.correlationId,
      [names.bodySize]: Buffer.byteLength(body),
      [names.contract]: envelope.type,
    };
    const kind = SpanKind.PRODUCER;
    const operation = { name: 'send', type: 'create', kind, destination, attributes } as const;
    const span = startSpan(tracer, operation, contextOf(envelope.traceparent));
    envelope.traceparent = traceparentOf(span) ?? envelope.traceparent;
    return [span];
  });
  const endAll = (error?: unknown) => {
    for (const span of spans) end(span, error);
  };
  return written(write, endAll);
}

async function written(write: () => void | Promise<void>, endAll: (error?: unknown) => void) {
  try {
    await write();
    endAll();
  } catch (error) {
    endAll(error);
    throw error;
  }
}
