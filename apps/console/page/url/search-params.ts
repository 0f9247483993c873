import { useCallback, useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import { navigate } from 'wouter/use-browser-location';

type Changes = Record<string, string | undefined>;

/** Where the URL of now with these changes leads; undefined and '' leave a parameter out. */
export function changed(search: string, changes: Changes): string {
  const params = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') params.delete(name);
    else params.set(name, value);
  }
  const text = params.toString();
  return text ? `?${text}` : '';
}

interface Url {
  params: URLSearchParams;
  get: (name: string) => string | undefined;
  /** Filters replace the entry of the history, selections make one. */
  set: (changes: Changes, how?: { replace?: boolean }) => void;
}

/** Every filter and selection of a view is in the URL: this reads and writes it. */
export function useUrl(): Url {
  const search = useSearch();
  const [path] = useLocation();
  const set = useCallback(
    (changes: Changes, how: { replace?: boolean } = {}) =>
      // What stands there now, not what stood there when the caller was drawn.
      navigate(`${path}${changed(window.location.search, changes)}`, how),
    [path],
  );
  return useMemo(() => {
    const params = new URLSearchParams(search);
    return { params, set, get: (name: string) => params.get(name) ?? undefined };
  }, [search, set]);
}
