import { invalidRequest, Problem } from '@tradepost/service';
import { createHash } from 'node:crypto';

/** What a request asks for. A key is good for one of them: the same for both is two keys. */
export type Route = 'place-order' | 'cancel-order';

/** A POST that asked to be done once: its key, and what it asked for. */
export interface Attempt {
  route: Route;
  key: string;
  fingerprint: Buffer;
}

/** What was answered when the order was placed, or cancelled. */
export interface Answer {
  orderId: string;
  /** The order as JSON text. */
  body: string;
}

export interface Given extends Answer {
  /** The answer is that of an earlier request with the same Idempotency-Key. */
  replayed: boolean;
}

/** @param asked all that makes it this request and no other; undefined for a request without key */
export function attemptOf(
  route: Route,
  key: string | undefined,
  asked: object,
): Attempt | undefined {
  return key === undefined ? undefined : { route, key, fingerprint: fingerprintOf(asked) };
}

/**
 * The `Idempotency-Key` header as it came; undefined: none was sent.
 * @throws Problem 400 unless it is 1 to 255 printable ASCII characters
 */
export function readKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (!/^[ -~]{1,255}$/.test(header)) {
    throw invalidRequest([
      { pointer: '/Idempotency-Key', detail: 'must be 1 to 255 printable ASCII characters' },
    ]);
  }
  return header;
}

/** SHA-256 of the body as canonical JSON: neither the order of fields nor white space matters. */
export function fingerprintOf(body: object): Buffer {
  return createHash('sha256').update(canonicalJson(body)).digest();
}

/** The key was used for another request. */
export function keyReused(): Problem {
  return new Problem({
    status: 422,
    type: 'idempotency-key-reused',
    title: 'This Idempotency-Key was used for another request',
    detail: 'send the body that this key was first sent with, or take a new key',
  });
}

/** The first request with this key has not been answered yet. */
export function stillRunning(): Problem {
  return new Problem({
    status: 409,
    type: 'idempotency-key-in-use',
    title: 'A request with this Idempotency-Key is still running',
    detail: 'ask again in a second',
    headers: { 'Retry-After': '1' },
  });
}

function canonicalJson(value: object): string {
  return JSON.stringify(value, (_key, field: unknown) =>
    typeof field === 'object' && field !== null && !Array.isArray(field)
      ? Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1)))
      : field,
  );
}
