import { invalidRequest } from '../problem';

/** A string of RFC 9651 (3.3.3): printable ASCII in quotes, `"` and `\` escaped. */
const quoted = /^"(?:[ !#-[\]-~]|\\["\\])*"$/;
const printable = /^[ -~]{1,255}$/;

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

export function malformed(detail: string) {
  return invalidRequest([{ pointer: '/Idempotency-Key', detail }]);
}
