/**
 * What a search box holds: words and `key:value`, either of them in quotes where it has spaces.
 * `queue:payments.charge-payment "gateway timed out" orderId:0193…`
 */
export interface Term {
  key?: string;
  value: string;
  /** As it stands in the box. */
  text: string;
}

// A key, then anything without spaces or in quotes; `http://…` and `12:30` are words.
const term = /(?:([A-Za-z_][\w.-]*):(?!\/\/)(?=\S))?(?:"((?:[^"\\]|\\.)*)"|(\S+))/g;

export function termsOf(text: string): Term[] {
  return [...text.matchAll(term)].map(([whole, key, quoted, bare]) => ({
    ...(key === undefined ? {} : { key }),
    value: quoted === undefined ? (bare ?? '') : quoted.replace(/\\(.)/g, '$1'),
    text: whole,
  }));
}

export function termText(key: string | undefined, value: string): string {
  const plain = value !== '' && !/[\s"\\]/.test(value) && (key !== undefined || !isKeyed(value));
  const written = plain ? value : `"${value.replace(/["\\]/g, String.raw`\$&`)}"`;
  return key === undefined ? written : `${key}:${written}`;
}

/** The text with this value for the key, instead of the one that it had. */
export function withTerm(text: string, key: string, value: string | undefined): string {
  const kept = termsOf(text).filter((one) => one.key?.toLowerCase() !== key.toLowerCase());
  const added = value === undefined ? [] : [termText(key, value)];
  return [...kept.map((one) => one.text), ...added].join(' ');
}

export function withoutTerm(text: string, index: number): string {
  return termsOf(text)
    .filter((_, at) => at !== index)
    .map((one) => one.text)
    .join(' ');
}

function isKeyed(value: string): boolean {
  return termsOf(value)[0]?.key !== undefined;
}
