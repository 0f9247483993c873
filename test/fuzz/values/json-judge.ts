const utf8 = new TextDecoder('utf-8', { fatal: true });
/** Which PostgreSQL does not store, and which is no character. */
const broken = /\0|\p{Surrogate}/u;
const depthMax = 60;

/** What the content says; undefined: it is not JSON in UTF-8. */
export function jsonOf(content: Buffer): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(utf8.decode(content)) as unknown };
  } catch {
    return undefined;
  }
}

/** Whether all of its texts and names can be stored. */
export function isStorableText(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') return !broken.test(value);
  if (typeof value !== 'object' || value === null || depth > depthMax) return true;
  return Object.entries(value).every(
    ([name, part]) => !broken.test(name) && isStorableText(part, depth + 1),
  );
}

/** Whether it is nested deeper than any message or request of the shop. */
export function isDeep(value: unknown, left = 12): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return left === 0 || Object.values(value).some((part) => isDeep(part, left - 1));
}

/** Whether a field in it has a name that every object has: no body may have one. */
export function hasInheritedName(value: unknown, left = 12): boolean {
  if (typeof value !== 'object' || value === null || left === 0) return false;
  return Object.entries(value).some(
    ([name, part]) => name in Object.prototype || hasInheritedName(part, left - 1),
  );
}
