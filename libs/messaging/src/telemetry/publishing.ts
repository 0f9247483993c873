import { SpanKind, type Link } from '@opentelemetry/api';
import { eventTraceparents } from '../bundle';
import type { Place, Properties } from '../connection/publish-frames';
import { headerNames, stringHeader, type Headers } from '../envelope';
import { destinationOf, end, names, startSpan, type Operation } from './spans';
import { contextOf, isLeftOut, linksTo, traceparentOf } from './traceparent';
import { tracing } from './tracer';

type Done = (error?: Error) => void;

/**
 * Begins the span of a message on its way to the broker: a child of its send, whichever process
 * publishes it, and what its consumers go on from. That of a bundle is linked to each send, and its
 * messages go on from their own.
 * @param properties their traceparent is changed
 * @param lines those of a bundle
 * @returns `done`, which ends it
 */
export function publishing(
  place: Place,
  content: Buffer,
  properties: Properties,
  done: Done,
  lines?: string,
): Done {
  const tracer = tracing();
  // What is published once more keeps what it came with; the span of its settlement tells of it.
  if (tracer === undefined || properties.list !== undefined) return done;
  const headers = properties.headers as Headers;
  const parent = stringHeader(headers, headerNames.traceparent);
  if (isLeftOut(parent)) return done;
  const links = lines === undefined ? undefined : linksOf(lines);
  if (parent === undefined && links?.length === 0) return done;
  const span = startSpan(tracer, operationOf(place, content, properties, links), contextOf(parent));
  if (links === undefined) headers[headerNames.traceparent] = traceparentOf(span) ?? parent;
  return (error) => {
    end(span, error);
    done(error);
  };
}

/** Best effort: no confirm is waited for. What is in no flow, as log lines are, has no span. */
export function tracePublish(place: Place, content: Buffer, properties: Properties): void {
  if (tracing() === undefined) return;
  const headers = properties.headers as Headers;
  if (headers[headerNames.traceparent] === undefined) return;
  publishing(place, content, properties, () => undefined)();
}

function operationOf(
  { exchange, routingKey }: Place,
  content: Buffer,
  { messageId, correlationId, type }: Properties,
  links?: Link[],
): Operation {
  return {
    name: 'publish',
    type: 'send',
    // By the conventions: a producer is whom the consumers go on from.
    kind: links === undefined ? SpanKind.PRODUCER : SpanKind.CLIENT,
    destination: destinationOf(exchange, routingKey),
    attributes: {
      [names.routingKey]: routingKey || undefined,
      [names.messageId]: links === undefined ? messageId : undefined,
      [names.messageCount]: links?.length,
      [names.conversationId]: correlationId,
      [names.bodySize]: content.length,
      [names.contract]: type,
    },
    links,
  };
}

function linksOf(lines: string): Link[] {
  const attributes = { [names.link]: 'a message of the bundle' };
  const kept = eventTraceparents(lines).filter((traceparent) => !isLeftOut(traceparent));
  return kept.flatMap((traceparent) => linksTo(traceparent, attributes));
}
