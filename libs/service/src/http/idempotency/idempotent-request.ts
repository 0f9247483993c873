import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json';
import { keyOf } from './idempotency-key';
import type { RequestKey } from './idempotency.store';

/** A POST that asks to be done once. */
export interface IdempotentRequest extends RequestKey {
  /** All that makes it this request and no other: SHA-256 of its canonical JSON. */
  fingerprint: () => Buffer;
  /** How it was answered: by what was done now, or as an earlier request with its key. */
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

/** The request that is being answered, if it has an Idempotency-Key. */
export const currentRequest = new AsyncLocalStorage<IdempotentRequest>();

/** @throws Problem 400 for a key that is none; undefined: there is no key */
export function idempotentRequestOf(request: HttpRequest): IdempotentRequest | undefined {
  const given = keyOf(request.raw.headersDistinct);
  if (given === undefined) return undefined;
  const { key, caller } = given;
  const route = `${request.method} ${request.routeOptions.url}`;
  return {
    scope: caller === undefined ? route : `${route} ${caller}`,
    key,
    // Called once the body has been validated: before that it may be nested without end.
    fingerprint: () => fingerprintOf(request),
  };
}

// An id in an address means the same in capitals.
function fingerprintOf({ params, body }: Pick<HttpRequest, 'params' | 'body'>): Buffer {
  const text = `${canonicalJson(params).toLowerCase()} ${canonicalJson(body)}`;
  return createHash('sha256').update(text).digest();
}
