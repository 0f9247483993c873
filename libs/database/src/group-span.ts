import { context, ROOT_CONTEXT, trace, TraceFlags, type Context } from '@opentelemetry/api';

const tracer = trace.getTracer('@tradepost/database');

/** Where who adds to a group stands in its trace. */
export const contextOfNow = (): Context => context.active();

/**
 * Runs the transaction of a group: in the trace of the one that it is for, or, of several, in a
 * trace of its own that is linked to each of theirs.
 */
export async function inGroupSpan<T>(
  members: readonly Context[],
  commit: () => Promise<T>,
): Promise<T> {
  const [first = ROOT_CONTEXT] = members;
  if (members.length === 1) return context.with(first, commit);
  const links = members.flatMap((member) => {
    const span = trace.getSpanContext(member);
    return span && span.traceFlags & TraceFlags.SAMPLED ? [{ context: span }] : [];
  });
  if (links.length === 0) return commit();
  const span = tracer.startSpan('commit a group', { links }, ROOT_CONTEXT);
  span.setAttribute('tradepost.group.size', members.length);
  try {
    return await context.with(trace.setSpan(ROOT_CONTEXT, span), commit);
  } finally {
    span.end();
  }
}
