const charactersMax = 4_096;
const secret = /token|secret|password|authorization|signature|card/i;

/** `{ body }` as plain JSON, its secrets masked; nothing of one that is long or no JSON. */
export function textOf(body: unknown): { body?: unknown } {
  if (body === undefined) return {};
  try {
    const text = JSON.stringify(body, (key, value: unknown) =>
      secret.test(key) && typeof value === 'string' ? '•••' : value,
    );
    return text.length > charactersMax ? {} : { body: JSON.parse(text) as unknown };
  } catch {
    return {};
  }
}
