import { createHash } from 'node:crypto';
import { invalidRequest } from '../problem';

/** A key as a request brought it, and who brought it. */
export interface KeyGiven {
  key: string;
  /** SHA-256, in hex, of the request's `Authorization`; callers without one are one caller. */
  caller?: string;
}

/** A string of RFC 9651 (3.3.3): printable ASCII in quotes, `"` and `\` escaped. */
const quoted = /^"(?:[ !#-[\]-~]|\\["\\])*"$/;
const printable = /^[ -~]{1,255}$/;

/** The `Idempotency-Key` of a request, if it has one. @throws Problem 400 for what is none */
export function keyOf({
  'idempotency-key': keys,
  authorization: credentials = [],
}: Record<string, string[] | undefined>): KeyGiven | undefined {
  if (keys === undefined) return undefined;
  const [text = '', ...more] = keys;
  const [credential] = credentials;
  if (more.length > 0) throw malformed('must be there once');
  return { key: readKey(text), caller: credential === undefined ? undefined : digest(credential) };
}

/**
 * The key that a header says: in quotes, as the draft of the IETF has it, or bare, as Stripe has
 * it. Either way the same text is the same key.
 * @throws Problem 400 unless it is 1 to 255 printable ASCII characters
 */
export function readKey(header: string): string {
  const key = quoted.test(header) ? header.slice(1, -1).replace(/\\(.)/g, '$1') : header;
  // A quote that belongs to no pair is a slip, and a key of another text than was meant.
  if (key === header && header.includes('"')) {
    throw malformed(
      String.raw`must be bare and without quotes, or in quotes with \" and \\ inside`,
    );
  }
  if (!printable.test(key)) throw malformed('must be 1 to 255 printable ASCII characters');
  return key;
}

function malformed(detail: string) {
  return invalidRequest([{ pointer: '/Idempotency-Key', detail }]);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
