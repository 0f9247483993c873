import {
  isSpanContextValid,
  ROOT_CONTEXT,
  trace,
  type Context,
  type Link,
  type Span,
  type SpanContext,
} from '@opentelemetry/api';

/** W3C Trace Context level 1. */
export const traceparentPattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

export function textOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/** What to hand on of a span; undefined for one that nobody records or samples by. */
export function traceparentOf(span: Span | undefined): string | undefined {
  const context = span?.spanContext();
  return context && isSpanContextValid(context) ? textOf(context) : undefined;
}

/**
 * Somebody has decided that nothing is kept of this flow: it goes on as it is, without spans. Most
 * flows are such ones where 1 % are kept.
 */
export function isLeftOut(traceparent: string | undefined): boolean {
  return traceparent !== undefined && (Number.parseInt(traceparent.slice(-2), 16) & 1) === 0;
}

/** That of a span elsewhere; the root when there is none. */
export function contextOf(traceparent: string | undefined): Context {
  const found = spanContextOf(traceparent);
  return found === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, found);
}

/** None for what is no traceparent. */
export function linksTo(traceparent: string | undefined, attributes: Link['attributes']): Link[] {
  const context = spanContextOf(traceparent);
  return context === undefined ? [] : [{ context, attributes }];
}

function spanContextOf(traceparent: string | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = traceparentPattern.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}
