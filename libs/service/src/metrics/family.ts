import type { Histogram } from '@tradepost/messaging';

/** A metric: its name, and what its points are told apart by. */
export interface Family {
  name: string;
  type: 'counter' | 'gauge' | 'histogram';
  /** What it counts. Units are in the name. */
  help: string;
}

/** The value of a family for these labels; an empty label is left out. */
export interface Point {
  labels?: Record<string, string>;
  value: number | Histogram;
}

/** What was read at one moment. */
export type Reading = [family: Family, points: Point[]][];

interface Line {
  metricName?: string;
  labels: Record<string, string | number>;
  value: number;
}

/** As prom-client writes them. */
export function linesOf({ name }: Family, { labels: given = {}, value }: Point): Line[] {
  const labels = Object.fromEntries(Object.entries(given).filter(([, text]) => text !== ''));
  if (typeof value === 'number') return [{ labels, value }];
  let count = 0;
  const buckets = value.counts.map((more, place) => {
    count += more;
    const le = value.bounds[place] ?? '+Inf';
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: value.sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
