import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { contextNow, inContext } from '../context';
import type { Message } from '../message';
import { destinationOf, end, endWith, names, startSpan } from './spans';
import { isLeftOut, textOf } from './traceparent';
import { steps, tracing } from './tracer';

/** Asks by rpc: the question goes on from the span, which ends with the answer. */
export function inAskSpan<T>(exchange: string, routingKey: string, ask: () => T): T {
  const tracer = tracing();
  if (tracer === undefined) return ask();
  const parent = contextNow();
  const above = trace.getSpanContext(parent);
  if (above !== undefined && isLeftOut(textOf(above))) return ask();
  const destination = destinationOf(exchange, routingKey);
  const operation = { name: 'ask', type: 'send', kind: SpanKind.CLIENT, destination } as const;
  const span = startSpan(tracer, operation, parent);
  return endWith(span, () => inContext(trace.setSpan(parent, span), ask));
}

/** The answer to a question, on its way. */
export function traceReply(message: Message, content: Buffer, refusal?: string): void {
  const tracer = tracing();
  const step = tracer && steps.get(message);
  if (tracer === undefined || step === undefined) return;
  const attributes = {
    [names.system]: 'rabbitmq',
    [names.operation]: 'reply',
    [names.type]: 'send',
    [names.destination]: 'amq.rabbitmq.reply-to',
    [names.isAnonymous]: true,
    [names.isTemporary]: true,
    [names.conversationId]: message.correlationId,
    [names.bodySize]: content.length,
  };
  const options = { kind: SpanKind.CLIENT, attributes };
  // For a refusal the question is to blame, unless the handler failed.
  if (refusal !== undefined) step.span.setAttribute(names.errorType, refusal);
  end(tracer.startSpan('reply', options, trace.setSpan(ROOT_CONTEXT, step.span)));
}
