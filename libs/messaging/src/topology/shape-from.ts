import type { QueueArguments, QueueShape } from './topology';

/** How amqplib names its options for a queue, and what the broker calls them. */
const queueArguments: Record<string, string> = {
  expires: 'x-expires',
  messageTtl: 'x-message-ttl',
  deadLetterExchange: 'x-dead-letter-exchange',
  deadLetterRoutingKey: 'x-dead-letter-routing-key',
  maxLength: 'x-max-length',
  maxPriority: 'x-max-priority',
  overflow: 'x-overflow',
  queueMode: 'x-queue-mode',
};

type Shape = Pick<QueueShape, 'args' | 'durable'>;

/** A queue as amqplib declares it by these options: so both can take from it. */
export function shapeFrom(options: object): Shape {
  const given = options as Record<string, QueueArguments[string] | undefined>;
  const args = { ...(given['arguments'] as QueueArguments | undefined) };
  for (const [option, argument] of Object.entries(queueArguments)) {
    const value = given[option];
    if (value !== undefined) args[argument] = value;
  }
  return { args, ...(given['durable'] === false ? { durable: false } : {}) };
}
