import { merge, type Topology } from '../topology/topology';
import type { Ways } from '../topology/ways';

/**
 * How long a failed message waits before it is tried again. The tiers are shared by every queue, or
 * in strict mode by those of a service: a fanout exchange and a queue with a TTL each, which
 * dead-letters to `retry.return`, so that the routing key, the name of the queue it came from,
 * brings it back there.
 */
const tierDelaysMs = {
  '1s': 1_000,
  '5s': 5_000,
  '30s': 30_000,
  '2m': 120_000,
  '10m': 600_000,
} as const;

export type Tier = keyof typeof tierDelaysMs;

export function delayMsOf(tier: Tier): number {
  return tierDelaysMs[tier];
}

/** Tried at once, then after each of these; after the last it is dead-lettered. */
export const defaultRetry: readonly Tier[] = ['1s', '5s', '30s', '2m', '10m'];

const unroutable = 'retry.unroutable';

/**
 * The way back. A message whose queue is gone goes to the queue `retry.unroutable`: were it to stay
 * in its tier, 32 such messages would keep all others there (the broker moves no more at a time).
 */
function returnTopology(ways: Ways): Topology {
  return {
    exchanges: [
      { name: unroutable, type: 'fanout' },
      { name: ways.retry('return'), type: 'direct', alternate: unroutable },
    ],
    queues: [{ name: unroutable, args: ways.quorum() }],
    bindings: [{ exchange: unroutable, queue: unroutable, key: '' }],
  };
}

/** Lets a queue get back what it put into a tier. */
export function returnTo(queue: string, ways: Ways): Topology {
  const way = returnTopology(ways);
  const binding = { exchange: ways.retry('return'), queue, key: queue };
  return { ...way, bindings: [...way.bindings, binding] };
}

export function tierTopology(tier: Tier, ways: Ways): Topology {
  const name = ways.retry(tier);
  const { exchange } = ways.intoTier(tier, '');
  const args = ways.quorum({
    'x-message-ttl': tierDelaysMs[tier],
    'x-dead-letter-exchange': ways.retry('return'),
    // Without these two the broker may lose a message on its way back: it is at-most-once.
    'x-dead-letter-strategy': 'at-least-once',
    'x-overflow': 'reject-publish',
  });
  const when = ways.isStrict ? {} : { atFirstUse: true as const };
  const own: Topology = {
    exchanges: [{ name: exchange, type: 'fanout', ...when }],
    queues: [{ name, args, ...when }],
    bindings: [{ exchange, queue: name, key: '', ...when }],
  };
  return merge([returnTopology(ways), own]);
}
