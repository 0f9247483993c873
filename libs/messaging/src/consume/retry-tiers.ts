import type { Channel } from 'amqplib';
import { declare, merge, type Topology } from '../topology/topology';

/**
 * How long a failed message waits before it is tried again. The tiers are shared by every queue:
 * a fanout exchange and a queue with a TTL each, which dead-letters to `retry.home`, so that the
 * routing key, the name of the queue it came from, brings it home.
 */
const tierDelaysMs = {
  '1s': 1_000,
  '5s': 5_000,
  '30s': 30_000,
  '2m': 120_000,
  '10m': 600_000,
} as const;

export type Tier = keyof typeof tierDelaysMs;

/** Tried at once, then after each of these; after the last it is dead-lettered. */
export const defaultRetry: readonly Tier[] = ['1s', '5s', '30s', '2m', '10m'];

export function tierExchange(tier: Tier): string {
  return `retry.${tier}`;
}

const home = 'retry.home';
const lost = 'retry.lost';

/**
 * The way home. What finds its queue gone goes to the queue `retry.lost`: were it to stay in its
 * tier, 32 such messages would keep everybody's there (the broker moves no more at a time).
 */
const homeTopology: Topology = {
  exchanges: [
    { name: lost, type: 'fanout' },
    { name: home, type: 'direct', alternate: lost },
  ],
  queues: [{ name: lost, args: { 'x-queue-type': 'quorum' } }],
  bindings: [{ exchange: lost, queue: lost, key: '' }],
};

/** Lets a queue get back what it put into a tier. */
export function homeOf(queue: string): Topology {
  const binding = { exchange: home, queue, key: queue };
  return { ...homeTopology, bindings: [...homeTopology.bindings, binding] };
}

export async function declareTier(channel: Channel, tier: Tier): Promise<void> {
  await declare(channel, tierTopology(tier));
}

export function tierTopology(tier: Tier): Topology {
  const name = tierExchange(tier);
  const args = {
    'x-queue-type': 'quorum',
    'x-message-ttl': tierDelaysMs[tier],
    'x-dead-letter-exchange': home,
    // Without these two the broker may lose a message on its way home: it is at-most-once.
    'x-dead-letter-strategy': 'at-least-once',
    'x-overflow': 'reject-publish',
  };
  const own: Topology = {
    exchanges: [{ name, type: 'fanout', atFirstUse: true }],
    queues: [{ name, args, atFirstUse: true }],
    bindings: [{ exchange: name, queue: name, key: '', atFirstUse: true }],
  };
  return merge([homeTopology, own]);
}
