import { context, isSpanContextValid, ROOT_CONTEXT, trace, type Context } from '@opentelemetry/api';
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomFillSync } from 'node:crypto';
import { endWith } from './telemetry/spans';
import { contextOf, textOf, traceparentPattern } from './telemetry/traceparent';
import { steps, tracing, untraced } from './telemetry/tracer';

/** Where the running code stands in a flow, per W3C Trace Context level 1. */
export interface Trace {
  /** 32 hex digits, the same in every service that the flow touches. */
  traceId: string;
  /** What to hand on: `00-<traceId>-<spanId>-01`. */
  traceparent: string;
  /** Of the span that runs, where an OpenTelemetry SDK is registered. */
  spanId?: string;
  /** The id of the message or request that began the flow, when there is one. */
  correlationId?: string;
}

const storage = new AsyncLocalStorage<Trace | undefined>();

/** Whether anybody sends in flows, or has asked for one. */
let isRead = false;

export function currentTrace(): Trace | undefined {
  isRead = true;
  const own = storage.getStore();
  return tracing() === undefined ? own : (traceOf(context.active(), own?.correlationId) ?? own);
}

/** What a step knows of the one before it: a message, or the trace that runs. */
export interface Flow {
  id?: string;
  correlationId?: string;
  traceparent?: string;
}

/** Runs `work` as a step of the flow of a message or a trace. */
export function inFlowOf<T>(flow: Flow, work: () => T): T {
  return inStepOf(flow, work, flow.correlationId ?? flow.id);
}

/** In the span of a message that is being handled; else as `withTrace`. */
export function inStepOf<T>(flow: Flow, work: () => T, correlationId: string | undefined): T {
  if (tracing() === undefined) return withTrace(flow.traceparent, work, correlationId);
  if (untraced.has(flow)) return context.with(ROOT_CONTEXT, () => storage.run(undefined, work));
  const step = steps.get(flow);
  if (step === undefined) return withTrace(flow.traceparent, work, correlationId);
  return inContext(trace.setSpan(ROOT_CONTEXT, step.span), work, correlationId);
}

/** For who sends: from now on there is a flow to ask for. */
export function keepFlows(): void {
  isRead = true;
}

/**
 * `inFlowOf`, where anybody can tell: before Node 24 a flow costs every promise of its process, and
 * handlers with Nest's pipes make dozens a message.
 */
export function inFlowIfRead<T>(flow: Flow, work: () => T): T {
  return isRead || tracing() !== undefined ? inFlowOf(flow, work) : work();
}

/** Runs `work` as a step of the flow of `traceparent`; of a new one if that is not well-formed. */
export function withTrace<T>(
  traceparent: string | undefined,
  work: () => T,
  correlationId?: string,
): T {
  const match = traceparent === undefined ? null : traceparentPattern.exec(traceparent);
  if (tracing() !== undefined) {
    if (match === null) return inNewFlow('flow', work, correlationId);
    return inContext(contextOf(traceparent), work, correlationId);
  }
  return storage.run(newTrace(correlationId, match?.[1]), work);
}

/** Runs `work` as a flow of its own. @param name of its span */
export function inNewFlow<T>(name: string, work: () => T, correlationId?: string): T {
  const tracer = tracing();
  if (tracer === undefined) return withTrace(undefined, work, correlationId);
  const span = tracer.startSpan(name, {}, ROOT_CONTEXT);
  const inside = trace.setSpan(ROOT_CONTEXT, span);
  return endWith(span, () => inContext(inside, work, correlationId));
}

/** Of OpenTelemetry: that of the span that runs, or of the flow where nobody keeps spans. */
export function contextNow(): Context {
  const active = context.active();
  const own = storage.getStore();
  return trace.getSpan(active) === undefined ? contextOf(own?.traceparent) : active;
}

/** Runs `work` in a context of OpenTelemetry, as a step of the flow. */
export function inContext<T>(
  inside: Context,
  work: () => T,
  correlationId = storage.getStore()?.correlationId,
): T {
  const own = traceOf(inside, correlationId) ?? newTrace(correlationId);
  return context.with(inside, () => storage.run(own, work));
}

function traceOf(inside: Context, correlationId: string | undefined): Trace | undefined {
  const span = trace.getSpanContext(inside);
  if (span === undefined || !isSpanContextValid(span)) return undefined;
  const { traceId, spanId } = span;
  return { traceId, traceparent: textOf(span), spanId, correlationId };
}

function newTrace(correlationId: string | undefined, traceId = randomHex(16)): Trace {
  return { traceId, traceparent: `00-${traceId}-${randomHex(8)}-01`, correlationId };
}

// Filled for many ids at a time: a call for each costs more than the rest of its trace.
const randomPool = Buffer.alloc(4_096);
let randomUsed = randomPool.length;

function randomHex(bytes: number): string {
  if (randomUsed + bytes > randomPool.length) {
    randomFillSync(randomPool);
    randomUsed = 0;
  }
  const from = randomUsed;
  randomUsed += bytes;
  return randomPool.toString('hex', from, randomUsed);
}
