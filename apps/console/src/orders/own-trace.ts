import { randomBytes } from 'node:crypto';

/**
 * A trace that is seen whole, however much else happens: services leave out flows by the last
 * digits of their trace ids, the highest last.
 */
export function ownTrace(): { traceId: string; traceparent: string } {
  const traceId = `${randomBytes(9).toString('hex')}${'f'.repeat(14)}`;
  return { traceId, traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` };
}
