const depthMax = 16;

type PlainRecord = Record<string, unknown>;

export function isRecord(value: unknown): value is PlainRecord {
  return typeof value === 'object' && value !== null && prototypeOf(value) === Object.prototype;
}

/** A tree as JSON has it, of which class-transformer makes an equal one. */
export function isPlain(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function';
  if (depth === depthMax) return false;
  if (Array.isArray(value)) {
    // A hole reads as undefined.
    const isItem = (one: unknown) => one !== undefined && isPlain(one, depth + 1);
    return prototypeOf(value) === Array.prototype && value.findIndex((one) => !isItem(one)) === -1;
  }
  if (!isRecord(value)) return false;
  for (const key of Object.keys(value)) {
    // Keys such as `constructor` and `toString` it drops, or stumbles over.
    if (key in Object.prototype || !isPlain(value[key], depth + 1)) return false;
  }
  return true;
}

export function prototypeOf(value: object): object {
  return Object.getPrototypeOf(value) as object;
}
