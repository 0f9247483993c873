import { trace, type ProxyTracerProvider, type Span, type Tracer } from '@opentelemetry/api';

const scope = '@tradepost/messaging';

/** A message in the hands of its handler. */
export interface Step {
  span: Span;
  destination: string;
}

/** By the message, which its consequences name as their cause. */
export const steps = new WeakMap<object, Step>();

/**
 * Messages that are no step of any flow, as one of log lines of many: spans of them would say
 * nothing, often.
 */
export const untraced = new WeakSet<object>();

let tracer = find();

/** Undefined while nobody has registered an SDK: a seam asks for it, and does nothing more. */
export function tracing(): Tracer | undefined {
  return tracer;
}

/** For who starts: an SDK may have been registered since this file was loaded. */
export function lookForTracer(): void {
  tracer = find();
}

// The API's own provider is always there, and has no tracer but that of an SDK.
function find(): Tracer | undefined {
  const provider = trace.getTracerProvider() as Partial<ProxyTracerProvider>;
  const isThere = provider.getDelegateTracer?.(scope) !== undefined;
  return isThere || provider.getDelegateTracer === undefined ? trace.getTracer(scope) : undefined;
}
