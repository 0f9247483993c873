import { invalidRequest } from '@tradepost/service';

export type RawQuery = Record<string, unknown>;

/**
 * The query to pass on: the service that gets it knows the rules of its values.
 * @param names that it may have; `field` allows `field.<name>`
 * @throws Problem 400 for another one, or one that is given twice
 */
export function queryFor(query: RawQuery, names: readonly string[]): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (!names.includes(name.startsWith('field.') ? 'field' : name)) {
      throw invalidRequest([{ pointer: `/${name}`, detail: 'is not known here' }]);
    }
    if (typeof value !== 'string') {
      throw invalidRequest([{ pointer: `/${name}`, detail: 'must be given once' }]);
    }
    if (value !== '') params.set(name, value);
  }
  return params;
}

/** @returns `path?a=b`, or the path alone */
export function pathWith(path: string, params: URLSearchParams): string {
  const text = params.toString();
  return text === '' ? path : `${path}?${text}`;
}
