import { useMemo } from 'react';
import { useLocation } from 'wouter';
import { useUrl } from './search-params';

export const ranges = [
  { key: '15m', label: 'Last 15 minutes', ms: 15 * 60_000 },
  { key: '1h', label: 'Last hour', ms: 60 * 60_000 },
  { key: '24h', label: 'Last 24 hours', ms: 24 * 60 * 60_000 },
  { key: '7d', label: 'Last 7 days', ms: 7 * 24 * 60 * 60_000 },
  { key: 'all', label: 'All time', ms: undefined },
] as const;

export interface TimeRange {
  key: string;
  label: string;
  ms?: number;
  /** ISO 8601, of when the range was chosen or its minute began; undefined: all time. */
  from?: string;
}

/** Lists of what there is: an hour would hide what is older and still there. */
const wholeViews = ['/dead-letters', '/logs', '/operations'];

/** The range of time that a view looks at: `range` of the URL, else an hour, or all there is. */
export function useTimeRange(): TimeRange {
  const { get } = useUrl();
  const [path] = useLocation();
  const whole = wholeViews.some((view) => path.startsWith(view));
  const key = get('range') ?? (whole ? 'all' : '1h');
  // By the minute, so that queries keep their keys from one drawing to the next.
  const minute = Math.floor(Date.now() / 60_000);
  return useMemo(() => {
    const range = ranges.find((each) => each.key === key) ?? ranges[1];
    if (range.ms === undefined) return range;
    return { ...range, from: new Date(minute * 60_000 - range.ms).toISOString() };
  }, [key, minute]);
}
