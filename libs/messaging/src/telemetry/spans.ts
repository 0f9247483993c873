import {
  SpanStatusCode,
  type Attributes,
  type Context,
  type Link,
  type Span,
  type SpanKind,
  type Tracer,
} from '@opentelemetry/api';
import { asError, Rejected } from '../errors';
import { doorOf } from '../topology/ways';

/** Of the semantic conventions for messaging and RabbitMQ, 1.44. */
export const names = {
  system: 'messaging.system',
  operation: 'messaging.operation.name',
  type: 'messaging.operation.type',
  destination: 'messaging.destination.name',
  isAnonymous: 'messaging.destination.anonymous',
  isTemporary: 'messaging.destination.temporary',
  routingKey: 'messaging.rabbitmq.destination.routing_key',
  deliveryTag: 'messaging.rabbitmq.message.delivery_tag',
  messageId: 'messaging.message.id',
  conversationId: 'messaging.message.conversation_id',
  bodySize: 'messaging.message.body.size',
  messageCount: 'messaging.batch.message_count',
  errorType: 'error.type',
  // Our own, where there is none.
  contract: 'tradepost.contract',
  handler: 'tradepost.handler',
  attempt: 'tradepost.attempt',
  isRedelivered: 'tradepost.redelivered',
  replays: 'tradepost.replays',
  outcome: 'tradepost.outcome',
  retryTier: 'tradepost.retry.tier',
  link: 'tradepost.link',
} as const;

export interface Operation {
  /** The word that the span begins with. */
  name: string;
  type: 'create' | 'send' | 'process' | 'settle';
  kind: SpanKind;
  destination: string;
  attributes?: Attributes;
  links?: Link[];
}

export function startSpan(tracer: Tracer, operation: Operation, parent: Context): Span {
  const { name, type, kind, destination, attributes, links } = operation;
  const all: Attributes = {
    [names.system]: 'rabbitmq',
    [names.operation]: name,
    [names.type]: type,
    [names.destination]: destination,
    ...attributes,
  };
  return tracer.startSpan(`${name} ${destination}`, { kind, attributes: all, links }, parent);
}

const directReplies = 'amq.rabbitmq.reply-to';

/** `exchange:key:queue`, without what is empty or said twice. */
export function destinationOf(exchange: string, routingKey: string, queue = ''): string {
  // Each channel of a client has a key of its own.
  const key = routingKey.startsWith(`${directReplies}.`) ? directReplies : routingKey;
  const own = exchange === doorOf(key) ? '' : exchange;
  const parts = [own, key, queue === key ? '' : queue];
  return parts.filter((part) => part !== '').join(':') || 'amq.default';
}

export function end(span: Span, thrown?: unknown): void {
  if (thrown !== undefined) fail(span, thrown);
  span.end();
}

/** @param code instead of the error's own */
export function fail(span: Span, thrown: unknown, code?: string): void {
  if (!span.isRecording()) return;
  const error = asError(thrown);
  span.setAttribute(names.errorType, code ?? (error instanceof Rejected ? error.code : error.name));
  span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
  span.recordException(error);
}

/** Ends the span when `work` does, and with its error. */
export function endWith<T>(span: Span, work: () => T): T {
  let result: T;
  try {
    result = work();
  } catch (error) {
    end(span, error);
    throw error;
  }
  if (result instanceof Promise) return endLater(span, result) as T;
  end(span);
  return result;
}

async function endLater<T>(span: Span, work: Promise<T>): Promise<T> {
  try {
    const result = await work;
    end(span);
    return result;
  } catch (error) {
    end(span, error);
    throw error;
  }
}
