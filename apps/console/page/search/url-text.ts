import { termText } from './terms';

/**
 * The text of a search box: what was written into it, or what a link of another view names by
 * itself, such as `?queue=payments.charge-payment`.
 */
export function urlText(params: URLSearchParams, linked: Record<string, string | undefined>) {
  const written = params.get('search');
  if (written !== null) return written;
  return Object.entries(linked)
    .flatMap(([name, key]) => {
      const value = params.get(name);
      return value ? [termText(key, value)] : [];
    })
    .join(' ');
}

/** What becomes of the URL when something is written into the box. */
export function writtenText(text: string, linked: Record<string, string | undefined>) {
  const gone = Object.keys(linked).map((name): [string, undefined] => [name, undefined]);
  return { ...Object.fromEntries(gone), search: text };
}
