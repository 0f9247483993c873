import { pointerTo } from './storable';

const depthMax = 16;

/** `constructor`, `__proto__`, `toString` and their like: what reads such a field is misled. */
export const inheritedName = 'is a name that every object has, and no field may';

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
    if (key in Object.prototype || !isPlain(value[key], depth + 1)) return false;
  }
  return true;
}

/** JSON pointer to the first field in a JSON value that is named so; undefined: none. */
export function inheritedIn(value: unknown, pointer = ''): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, part] of Object.entries(value)) {
    const at = pointerTo(pointer, name);
    const found = name in Object.prototype ? at : inheritedIn(part, at);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function prototypeOf(value: object): object {
  return Object.getPrototypeOf(value) as object;
}
