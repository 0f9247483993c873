import { invalidRequest, Problem } from '@tradepost/service';
import { createHash } from 'node:crypto';

/** A POST that asked to be done once: its key, and what it asked for. */
export interface Attempt {
  key: string;
  fingerprint: Buffer;
}

/** What was answered when the order was placed. */
export interface Answer {
  orderId: string;
  /** The order as JSON text. */
  body: string;
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
