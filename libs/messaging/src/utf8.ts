import { isUtf8 } from 'node:buffer';

/** What came as UTF-8, without a byte order mark; undefined: it is not UTF-8. */
export function utf8Text(content: Buffer): string | undefined {
  if (!isUtf8(content)) return undefined;
  const text = content.toString('utf8');
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}
