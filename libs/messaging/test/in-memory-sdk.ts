import { SpanStatusCode, type Span } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { type SeenSpan, spanKinds } from '@tradepost/test-kit';

/** Registers an SDK as a user of the package does: import it before the package. */
const exporter = new InMemorySpanExporter();
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();

/** The spans of a trace that have ended. */
export function spansOf(of: Span | string): SeenSpan[] {
  const traceId = typeof of === 'string' ? of : of.spanContext().traceId;
  return endedSpans().filter((span) => span.traceId === traceId);
}

export function endedSpans(): SeenSpan[] {
  return exporter.getFinishedSpans().map(seen);
}

export function forgetSpans(): void {
  exporter.reset();
}

function seen(span: ReadableSpan): SeenSpan {
  const { traceId, spanId } = span.spanContext();
  const nanoseconds = ([seconds, rest]: [number, number]) =>
    BigInt(seconds) * 10n ** 9n + BigInt(rest);
  return {
    traceId,
    spanId,
    parentId: span.parentSpanContext?.spanId,
    service: 'tests',
    name: span.name,
    kind: spanKinds[span.kind] ?? 'internal',
    startedAt: nanoseconds(span.startTime),
    endedAt: nanoseconds(span.endTime),
    attributes: span.attributes,
    links: span.links.map(({ context, attributes = {} }) => ({
      traceId: context.traceId,
      spanId: context.spanId,
      attributes,
    })),
    error: span.status.code === SpanStatusCode.ERROR ? span.status.message : undefined,
  };
}
