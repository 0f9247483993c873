import { AsyncLocalStorage } from 'node:async_hooks';
import { randomFillSync } from 'node:crypto';

/** Where the running code stands in a flow, per W3C Trace Context level 1. */
export interface Trace {
  /** 32 hex digits, the same in every service that the flow touches. */
  traceId: string;
  /** What to hand on: `00-<traceId>-<spanId>-01`. */
  traceparent: string;
  /** The id of the message or request that began the flow, when there is one. */
  correlationId?: string;
}

const traceparentPattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

const storage = new AsyncLocalStorage<Trace>();

/** Whether anybody sends in flows, or has asked for one. */
let isRead = false;

export function currentTrace(): Trace | undefined {
  isRead = true;
  return storage.getStore();
}

/** What a step knows of the one before it: a message, or the trace that runs. */
export interface Flow {
  id?: string;
  correlationId?: string;
  traceparent?: string;
}

/** Runs `work` as a step of the flow of a message or a trace. */
export function inFlowOf<T>({ id, correlationId, traceparent }: Flow, work: () => T): T {
  return withTrace(traceparent, work, correlationId ?? id);
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
  return isRead ? inFlowOf(flow, work) : work();
}

/** Runs `work` as a step of the flow of `traceparent`; of a new one if that is not well-formed. */
export function withTrace<T>(
  traceparent: string | undefined,
  work: () => T,
  correlationId?: string,
): T {
  const match = traceparent === undefined ? null : traceparentPattern.exec(traceparent);
  const traceId = match?.[1] ?? randomHex(16);
  const spanId = randomHex(8);
  return storage.run({ traceId, traceparent: `00-${traceId}-${spanId}-01`, correlationId }, work);
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
