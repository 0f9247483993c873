import type { Fault } from '../http/problem';

/** No body here is deeper than 3. What reads one later does so by recursion, and has one stack. */
const depthMax = 32;

/** A NUL, which PostgreSQL does not store, or half of a surrogate pair, which is no character. */
const brokenText = /\0|\p{Surrogate}/u;

/**
 * What must not reach class-transformer and class-validator, which overflow the stack, throw, or
 * take it for something that every object has. Undefined: nothing is wrong so far.
 */
export function unfit(value: unknown, pointer = '', depth = 0): Fault | undefined {
  if (typeof value === 'string') {
    return brokenText.test(value)
      ? { pointer, detail: 'must not contain U+0000 or half of a surrogate pair' }
      : undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth === depthMax) return { pointer, detail: `must not be nested ${depthMax} deep` };
  for (const [name, part] of Object.entries(value)) {
    const at = pointerTo(pointer, name);
    const fault = name in Object.prototype ? unknownField(at) : unfit(part, at, depth + 1);
    if (fault) return fault;
  }
  return undefined;
}

export function unknownField(pointer: string): Fault {
  return { pointer, detail: 'is not a known field' };
}

/** RFC 6901, section 3. */
export function pointerTo(parent: string, property: string): string {
  return `${parent}/${property.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
