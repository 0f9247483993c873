import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json';
import { keyOf } from './idempotency-key';
import type { RequestKey } from './idempotency.store';

/** A POST with an Idempotency-Key. */
export interface IdempotentRequest extends RequestKey {
  /** SHA-256 of the request's canonical JSON: equal for the same request alone. */
  fingerprint: () => Buffer;
  /** By the work of this request, or by the record of an earlier one. */
  answered?: 'now' | 'before';
}

/** The part of Fastify's request that is used here. */
export interface HttpRequest {
  method: string;
  routeOptions: { url?: string };
  params: unknown;
  body?: unknown;
  raw: { headersDistinct: Record<string, string[] | undefined> };
}

/** The running request, if it has an Idempotency-Key. */
export const currentRequest = new AsyncLocalStorage<IdempotentRequest>();

/** Undefined: it has no key. @throws Problem 400 for a malformed key */
export function idempotentRequestOf(request: HttpRequest): IdempotentRequest | undefined {
  const given = keyOf(request.raw.headersDistinct);
  if (given === undefined) return undefined;
  const { key, caller } = given;
  const route = `${request.method} ${request.routeOptions.url}`;
  return {
    scope: caller === undefined ? route : `${route} ${caller}`,
    key,
    // Called after validation: before it the body may be nested without end.
    fingerprint: () => fingerprintOf(request),
  };
}

// Ids in an address are equal in any case.
function fingerprintOf({ params, body }: Pick<HttpRequest, 'params' | 'body'>): Buffer {
  const text = `${canonicalJson(params).toLowerCase()} ${canonicalJson(body)}`;
  return createHash('sha256').update(text).digest();
}
