import { useMemo } from 'react';
import { useUrl } from '../url/search-params';
import { useTimeRange } from '../url/time-range';
import type { ReadSearch } from './dead-letter-search';
import { urlText, writtenText } from './url-text';

interface Kind<Search> {
  read: (text: string, now: number) => ReadSearch<Search>;
  /** What links of other views name, and the term that it is here. */
  linked: Record<string, string | undefined>;
  /** What of the URL belongs to what was found, and goes when something else is searched for. */
  found: string[];
}

/** The search as it stands in the URL. @param kind the same object each time */
export function useSearch<Search extends { from?: string }>({ read, linked, found }: Kind<Search>) {
  const { params, set } = useUrl();
  const text = urlText(params, linked);
  const { ms } = useTimeRange();
  // What is relative to now is so to when it was asked: each search costs, or begins a tail anew.
  return useMemo(() => {
    const asked = read(text, Date.now());
    const from = ms === undefined ? {} : { from: new Date(Date.now() - ms).toISOString() };
    const gone = Object.fromEntries(found.map((name): [string, undefined] => [name, undefined]));
    return {
      text,
      ...asked,
      search: { ...from, ...asked.search },
      setText: (next: string) => set({ ...writtenText(next, linked), ...gone }, { replace: true }),
    };
  }, [read, linked, found, text, ms, set]);
}
