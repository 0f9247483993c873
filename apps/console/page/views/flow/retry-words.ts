import type { QueueState } from '../../../src/api/live';
import { count, duration } from '../../parts/format';

type Waiting = Pick<QueueState, 'retries' | 'nextRetry'>;

/** `2 in 5s, with those of other queues; 1 of this queue seen to fail, the next within 3 s` */
export function retriesInWords({ retries, nextRetry: next }: Waiting): string {
  const tiers = retries.map((tier) => `${count(tier.count)} in ${tier.tier}`).join(', ');
  const all = tiers === '' ? [] : [`${tiers}, with those of other queues`];
  if (next === null) return all.join('');
  const own = next.own > 0 ? `${count(next.own)} of this queue seen to fail, ` : '';
  return [...all, `${own}the next within ${within(next.withinMs)}`].join('; ');
}

/** A bound is rounded up. */
export function within(ms: number): string {
  return ms < 99_000 ? `${Math.ceil(ms / 1_000)} s` : duration(ms);
}
