import type { Contract } from '@tradepost/contracts';
import type { Channel } from 'amqplib';
import type { BatchOptions } from './decorators';
import { bindHome, type Tier } from './tiers';

export interface Binding {
  exchange: string;
  type: 'fanout' | 'topic';
  key: string;
}

/** A decorated method, with all that is derived from it. */
export interface Handler {
  /** `Class.method`, as logs and dead letters name it. */
  name: string;
  kind: 'work' | 'fanout' | 'topic' | 'rpc';
  queue: string;
  bindings: Binding[];
  /** Missing for a plain @RabbitSubscribe or @RabbitRPC method: its body is any JSON object. */
  contract?: Contract;
  prefetch?: number;
  retry: readonly Tier[];
  batch?: BatchOptions;
  /** The method, with its guards, interceptors and filters around it. */
  invoke: (...args: unknown[]) => Promise<unknown>;
}

/** How often a message may come back unacked (a process that dies of it) before it is buried. */
const deliveryLimit = 20;

/**
 * How often a dead letter may be looked at and put back. From RabbitMQ 4.0 on the 21st time would
 * delete it; the -1 that lifts the limit there is refused by 3.x.
 */
const looksMax = 1_000_000_000;

export function deadQueue(queue: string): string {
  return `${queue}.dead`;
}

export async function declareDeadQueue(channel: Channel, name: string): Promise<void> {
  await channel.assertQueue(name, {
    durable: true,
    arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': looksMax },
  });
}

/** Declares everything the handler's queue needs. The broker refuses what differs from before. */
export async function declareQueue(channel: Channel, handler: Handler): Promise<void> {
  const { queue } = handler;
  if (handler.kind === 'rpc') {
    // An unanswered question is worth nothing after its deadline: no quorum, no dead letters.
    await channel.assertQueue(queue, { durable: true });
  } else {
    const dead = deadQueue(queue);
    await declareDeadQueue(channel, dead);
    await channel.assertQueue(queue, { durable: true, arguments: workQueueArguments(dead) });
    await bindHome(channel, queue);
  }
  for (const { exchange, type, key } of handler.bindings) {
    await channel.assertExchange(exchange, type, { durable: true });
    await channel.bindQueue(queue, exchange, key);
  }
}

function workQueueArguments(dead: string): Record<string, unknown> {
  return {
    'x-queue-type': 'quorum',
    'x-delivery-limit': deliveryLimit,
    'x-dead-letter-exchange': '',
    'x-dead-letter-routing-key': dead,
    // The broker's default dead-lettering may lose the message; these two together do not.
    'x-dead-letter-strategy': 'at-least-once',
    'x-overflow': 'reject-publish',
  };
}
