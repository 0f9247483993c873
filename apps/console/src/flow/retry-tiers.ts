import type { DeclaredMessaging } from '@tradepost/messaging';

/** `retry.5s`, or in strict mode each service's own: `orders.retry.5s`. */
const tierQueue = /(?:^|\.)retry\.([^.]+)$/;

/** How long a failed message waits in each tier, as services declare it: `{ '1s': 1000 }`. */
export function retryTiers(topologies: readonly DeclaredMessaging[]): Record<string, number> {
  const queues = topologies.flatMap(({ topology }) => topology.queues);
  const tiers = queues.flatMap(({ name, args }): [string, number][] => {
    const ttl = args['x-message-ttl'];
    const [, tier] = tierQueue.exec(name) ?? [];
    if (tier === undefined || typeof ttl !== 'number') return [];
    return [[tier, ttl]];
  });
  return Object.fromEntries(tiers);
}
