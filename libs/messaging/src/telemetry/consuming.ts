import { context, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import type { Attributes, Link, Tracer } from '@opentelemetry/api';
import type { ConsumeMessage } from 'amqplib';
import type { Delivery } from '../consume/delivery';
import { Part } from '../consume/open-bundle';
import { inFlowOf } from '../context';
import { headerNames, stringHeader, type Headers } from '../envelope';
import type { Wiring } from '../handlers/handler';
import type { Message } from '../message';
import { isAbsorbed } from '../outbox/inbox';
import { destinationOf, end, names, startSpan } from './spans';
import { contextOf, isLeftOut, linksTo, traceparentOf } from './traceparent';
import { steps, tracing, untraced } from './tracer';

interface Consumed {
  message: Message;
  delivery: Delivery;
}

/** By the message: the span of a try that failed because of another message of its batch. */
const triedTogether = new WeakMap<Message, string>();

/**
 * Runs the call of a handler. Each of its messages has a span, in its own trace, until
 * `endConsumed`; a call of several has one too, in a trace of its own, and both are linked.
 */
export async function inConsumeSpans<T>(
  wiring: Wiring,
  items: readonly Consumed[],
  call: () => Promise<T>,
): Promise<T> {
  const tracer = tracing();
  if (tracer === undefined) return call();
  const traced = items.filter(({ message }) => isTraced(wiring, message));
  if (items.length > 1 && traced.length > 0) {
    return inBatchSpan(tracer, wiring, { traced, size: items.length }, call);
  }
  for (const item of traced) begin(tracer, wiring, item);
  return call();
}

/** The same for what takes one message a call. Ends the span. */
export async function inConsumeSpan<T>(
  wiring: Wiring,
  item: Consumed,
  work: () => Promise<T>,
  inFlow = inFlowOf,
): Promise<T> {
  const { message } = item;
  const tracer = tracing();
  if (tracer === undefined || !isTraced(wiring, message)) return inFlow(message, work);
  begin(tracer, wiring, item);
  try {
    return await inFlowOf(message, work);
  } finally {
    endConsumed(message);
  }
}

/** It is where it belongs. */
export function endConsumed(message: Message): void {
  const step = tracing() && steps.get(message);
  if (step === undefined) return;
  if (isAbsorbed(message)) step.span.setAttribute(names.outcome, 'absorbed');
  step.span.end();
}

/** Goes along with a message that failed, so that its later tries are linked to the first. */
export function firstTryOf(raw: ConsumeMessage, message: Message): Headers {
  if (tracing() === undefined) return {};
  const first = stringHeader(raw.properties.headers, headerNames.firstTry);
  if (first !== undefined) return {};
  const now = traceparentOf(steps.get(message)?.span);
  return now === undefined ? {} : { [headerNames.firstTry]: now };
}

function isTraced({ kind }: Wiring, message: Message): boolean {
  const { traceparent } = message;
  const isStep = kind !== 'topic' || traceparent !== undefined;
  if (!isStep) untraced.add(message);
  return isStep && !isLeftOut(traceparent);
}

async function inBatchSpan<T>(
  tracer: Tracer,
  wiring: Wiring,
  { traced: items, size }: { traced: readonly Consumed[]; size: number },
  call: () => Promise<T>,
): Promise<T> {
  const attributes = { [names.messageCount]: size, [names.handler]: wiring.name };
  const links = items.flatMap(({ message: { id, traceparent } }) => {
    return linksTo(traceparent, { [names.messageId]: id });
  });
  const operation = { ...operationOf(wiring), attributes, links };
  const span = startSpan(tracer, operation, ROOT_CONTEXT);
  const batch = { context: span.spanContext(), attributes: { [names.link]: 'its batch' } };
  for (const item of items) begin(tracer, wiring, item, [batch]);
  try {
    const result = await context.with(trace.setSpan(ROOT_CONTEXT, span), call);
    end(span);
    return result;
  } catch (error) {
    end(span, error);
    for (const { message } of items) failTogether(message, error);
    throw error;
  }
}

function failTogether(message: Message, error: unknown): void {
  const step = steps.get(message);
  if (step === undefined) return;
  end(step.span, error);
  const traceparent = traceparentOf(step.span);
  if (traceparent !== undefined) triedTogether.set(message, traceparent);
}

function begin(
  tracer: Tracer,
  wiring: Wiring,
  { message, delivery }: Consumed,
  links: Link[] = [],
): void {
  const { id, type, correlationId, attempt, redelivered } = message;
  // What comes in a bundle comes for the first time. Its `raw` is made anew each time.
  const raw = delivery instanceof Part ? undefined : delivery.raw;
  const headers: Headers = raw?.properties.headers ?? {};
  const firstTry = triedTogether.get(message) ?? stringHeader(headers, headerNames.firstTry);
  const attributes: Attributes = {
    [names.messageId]: id,
    [names.conversationId]: correlationId,
    [names.bodySize]: raw?.content.length,
    [names.contract]: wiring.contract?.name ?? type,
    [names.handler]: wiring.name,
    [names.attempt]: attempt,
    [names.isRedelivered]: redelivered || undefined,
    [names.replays]: headers[headerNames.replays] as number | undefined,
  };
  const all = [...links, ...linksTo(firstTry, { [names.link]: 'its first try' })];
  const operation = { ...operationOf(wiring), attributes, links: all };
  const span = startSpan(tracer, operation, contextOf(message.traceparent));
  steps.set(message, { span, destination: operation.destination });
}

// By its binding: retries come by another exchange, and a pattern stands for many keys.
function operationOf({ kind, bindings: [binding], queue }: Wiring) {
  return {
    name: 'consume',
    type: 'process',
    kind: kind === 'rpc' ? SpanKind.SERVER : SpanKind.CONSUMER,
    destination: destinationOf(binding?.exchange ?? '', binding?.key ?? '', queue),
  } as const;
}
