import { useEffect, useState } from 'react';
import type { System } from '../../../src/api/live';
import { useLive } from '../../live/use-live';

export interface Moment {
  at: number;
  /** Messages in all queues; null: the broker does not say. */
  depth: number | null;
  retries: number;
  sales: number;
}

/** Five minutes, a moment each second. */
const momentsMax = 300;

/** Kept while the page is open, so that a look at another view costs no history. */
let kept: Moment[] = [];

export function useMoments(): Moment[] {
  const system = useLive((live) => live.system);
  const [moments, setMoments] = useState(kept);
  useEffect(() => {
    if (!system || kept.at(-1)?.at === system.at) return;
    kept = [...kept, momentOf(system)].slice(-momentsMax);
    setMoments(kept);
  }, [system]);
  return moments;
}

function momentOf({ at, queues, salesPerMinute }: System): Moment {
  const depths = queues.flatMap(({ depth, unacked }) =>
    depth === null ? [] : [depth + (unacked ?? 0)],
  );
  const tiers = new Map(
    queues.flatMap(({ retries }) => retries.map((one) => [one.tier, one.count])),
  );
  return {
    at,
    depth: depths.length === 0 ? null : sum(depths),
    // Messages of all queues are together in a tier: each tier counts once.
    retries: sum([...tiers.values()]),
    sales: salesPerMinute,
  };
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
