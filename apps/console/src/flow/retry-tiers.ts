import type { DeclaredMessaging } from '@tradepost/messaging';

const prefix = 'retry.';

/** How long a failed message waits in each tier, as services declare it: `{ '1s': 1000 }`. */
export function retryTiers(topologies: readonly DeclaredMessaging[]): Record<string, number> {
  const queues = topologies.flatMap(({ topology }) => topology.queues);
  const tiers = queues.flatMap(({ name, args }): [string, number][] => {
    const ttl = args['x-message-ttl'];
    if (!name.startsWith(prefix) || typeof ttl !== 'number') return [];
    return [[name.slice(prefix.length), ttl]];
  });
  return Object.fromEntries(tiers);
}
