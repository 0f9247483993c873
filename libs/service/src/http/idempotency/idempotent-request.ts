import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json';
import { anyone, type AuthenticatedRequest } from '../../auth/caller';
import { malformed, readKey } from './idempotency-key';
import type { RequestKey } from './idempotency.store';

/** A POST with an Idempotency-Key. */
export interface IdempotentRequest extends RequestKey {
  /** SHA-256 of the request's canonical JSON: equal for the same request alone. */
  fingerprint: () => Buffer;
  /** By the work of this request, or by the record of an earlier one. */
  answered?: 'now' | 'before';
}

/** The part of Fastify's request that is used here. */
export interface HttpRequest extends AuthenticatedRequest {
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
  const { 'idempotency-key': keys } = request.raw.headersDistinct;
  if (keys === undefined) return undefined;
  const [text = '', ...more] = keys;
  if (more.length > 0) throw malformed('must be there once');
  const { method, params, body, routeOptions, caller: asks = anyone } = request;
  // Not by the token: a client that renews it between two tries is still the same.
  const caller =
    asks === anyone ? [] : [sha256(JSON.stringify([asks.id, asks.customer])).toString('hex')];
  return {
    scope: [method, routeOptions.url, ...caller].join(' '),
    key: readKey(text),
    // Called after validation: before it the body may be nested without end. Ids in an address are
    // equal in any case.
    fingerprint: () => sha256(`${canonicalJson(params).toLowerCase()} ${canonicalJson(body)}`),
  };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
