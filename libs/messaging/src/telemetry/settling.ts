import { context, ROOT_CONTEXT, SpanKind, trace, type Span, type Tracer } from '@opentelemetry/api';
import type { Fate } from '../consume/failures';
import type { Message } from '../message';
import { end, fail, names, startSpan } from './spans';
import { steps, tracing, type Step } from './tracer';

/** What its handler has done is told to the broker. */
export function traceSettled(name: 'ack' | 'requeue' | 'reject', message: Message): void {
  const tracer = tracing();
  const step = tracer && steps.get(message);
  if (tracer === undefined || step === undefined) return;
  start(tracer, step, name, message).end();
}

const fates = { retried: 'retry', dead: 'dead-letter', failed: 'requeue' } as const;

/** Runs `settle`, which places a message that failed. */
export async function inSettleSpan(
  message: Message,
  error: Error,
  settle: () => Promise<Fate>,
): Promise<Fate> {
  const tracer = tracing();
  const step = tracer && steps.get(message);
  if (tracer === undefined || step === undefined) return settle();
  const span = start(tracer, step, 'settle', message);
  try {
    const fate = await context.with(trace.setSpan(context.active(), span), settle);
    rename(span, step, fate);
    fail(step.span, error, fate.code);
    return fate;
  } finally {
    end(span);
  }
}

function rename(span: Span, { destination }: Step, { outcome, tier }: Fate): void {
  const name = fates[outcome];
  span.updateName(`${name} ${destination}`);
  span.setAttribute(names.operation, name);
  if (tier !== undefined) span.setAttribute(names.retryTier, tier);
}

function start(tracer: Tracer, step: Step, name: string, message: Message): Span {
  const { id, correlationId } = message;
  const attributes = { [names.messageId]: id, [names.conversationId]: correlationId };
  const [{ destination }, kind] = [step, SpanKind.CLIENT];
  const operation = { name, type: 'settle', kind, destination, attributes } as const;
  return startSpan(tracer, operation, trace.setSpan(ROOT_CONTEXT, step.span));
}
