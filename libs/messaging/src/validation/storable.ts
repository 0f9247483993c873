/** A NUL, which PostgreSQL does not store, or half of a surrogate pair, which is no character. */
const broken = /\0|\p{Surrogate}/u;
const brokenParts = new RegExp(broken, 'gu');
/** In JSON they are there as escapes alone. It finds whole pairs and escaped backslashes too. */
const brokenEscape = /\\u(?:0000|d[89a-f])/i;

export const notStorable = 'must not contain U+0000 or half of a surrogate pair';

export function isStorable(text: string): boolean {
  return !broken.test(text);
}

/** With U+FFFD for what is not. */
export function storable(text: string): string {
  return text.replace(brokenParts, '\uFFFD');
}

/** Whether it is worth to look through its value: nearly no JSON has such escapes. */
export function mayHoldBroken(json: string | Buffer): boolean {
  return json.includes(String.raw`\u`) && brokenEscape.test(json.toString());
}

/** JSON pointer to a text or a name in a JSON value that is not storable; undefined: none. */
export function brokenIn(value: unknown, pointer = ''): string | undefined {
  if (typeof value === 'string') return isStorable(value) ? undefined : pointer;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, part] of Object.entries(value)) {
    const at = pointerTo(pointer, name);
    const found = isStorable(name) ? brokenIn(part, at) : at;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** RFC 6901, section 3. */
export function pointerTo(parent: string, property: string): string {
  return `${parent}/${property.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
