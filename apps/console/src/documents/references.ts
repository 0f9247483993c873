import type { Schema } from '../api/documents';

type Json = Record<string, unknown>;

/** The name at the end of a reference: `SaleItem` of `#/components/schemas/SaleItem`. */
export function nameOf({ $ref = '' }: { $ref?: string }): string {
  return unescaped($ref.split('/').at(-1) ?? '');
}

/** What an object is, or what the reference that it is leads to, within the document. */
export function resolved<T>(document: object, value: T | { $ref: string }): T {
  let at: unknown = value;
  // A document may have references to references, and one in a circle is broken.
  for (let hops = 0; hops < 8 && isObject(at) && typeof at.$ref === 'string'; hops += 1) {
    at = pointed(document, at.$ref);
  }
  return at as T;
}

function pointed(document: object, reference: string): unknown {
  if (!reference.startsWith('#/')) return {};
  return reference
    .slice(2)
    .split('/')
    .reduce<unknown>((at, key) => (isObject(at) ? at[unescaped(key)] : undefined), document);
}

/** A schema without references; where it comes to itself again only the name is left. */
export function schemaIn(document: object, value: unknown, above: string[] = []): Schema {
  return inlined(document, value ?? {}, above) as Schema;
}

function inlined(document: object, value: unknown, above: string[]): unknown {
  if (Array.isArray(value)) return value.map((one) => inlined(document, one, above));
  if (!isObject(value)) return value;
  const { $ref, ...beside } = value;
  if (typeof $ref !== 'string') {
    const entries = Object.entries(value).map(([key, one]) => [key, inlined(document, one, above)]);
    return Object.fromEntries(entries) as unknown;
  }
  const title = nameOf({ $ref });
  if (above.includes($ref)) return { title, ...beside };
  const target = inlined(document, pointed(document, $ref) ?? {}, [...above, $ref]);
  return { title, ...(target as Json), ...beside };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}

function unescaped(key: string): string {
  return key.replaceAll('~1', '/').replaceAll('~0', '~');
}
