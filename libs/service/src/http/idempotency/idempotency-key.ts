import { createHash } from 'node:crypto';
import { invalidRequest } from '../problem';

/** The key of a request, and its caller. */
export interface CallersKey {
  key: string;
  /** SHA-256, in hex, of the request's `Authorization`; callers without one are one caller. */
  caller?: string;
}

/** A string of RFC 9651 (3.3.3): printable ASCII in quotes, `"` and `\` escaped. */
const quoted = /^"(?:[ !#-[\]-~]|\\["\\])*"$/;
const printable = /^[ -~]{1,255}$/;

/** The `Idempotency-Key` of a request, if it has one. @throws Problem 400 for a malformed key */
export function keyOf({
  'idempotency-key': keys,
  authorization: credentials = [],
}: Record<string, string[] | undefined>): CallersKey | undefined {
  if (keys === undefined) return undefined;
  const [text = '', ...more] = keys;
  const [credential] = credentials;
  if (more.length > 0) throw malformed('must be there once');
  return { key: readKey(text), caller: credential === undefined ? undefined : digest(credential) };
}

/**
 * The key in a header: quoted as in the IETF draft, or bare as with Stripe. The same text is the
 * same key in both forms.
 * @throws Problem 400 unless it is 1 to 255 printable ASCII characters
 */
export function readKey(header: string): string {
  const key = quoted.test(header) ? header.slice(1, -1).replace(/\\(.)/g, '$1') : header;
  // An unpaired quote is a slip: the key would not be the one that was meant.
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
