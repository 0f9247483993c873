import type { ChannelModel } from 'amqplib';
import { holdingOf, returnOf } from './differences';
import { moveMessages } from './move-messages';
import { declare, onChannel, type BindingShape, type QueueShape } from './topology';

export interface Replacement {
  model: ChannelModel;
  queue: QueueShape;
  /** Every binding that the queue has or is to have. */
  bindings: BindingShape[];
  signal: AbortSignal;
}

/** Most messages move while producers and consumers go on, the rest under the lock. */
const live = { leave: 1_000, withinMs: 60_000 };

/** A queue beside it holds its messages; it has no consumer. */
export async function makeHolding({ model, queue: { name } }: Replacement): Promise<void> {
  const holding = holdingOf(name);
  await onChannel(model, (channel) =>
    declare(channel, {
      exchanges: [{ name: holding, type: 'fanout' }],
      // Each interrupted move counts as a delivery; from 4.0 on, the twentieth would drop it.
      queues: [
        { name: holding, args: { 'x-queue-type': 'quorum', 'x-delivery-limit': 1_000_000 } },
      ],
      bindings: [{ exchange: holding, queue: holding, key: '' }],
    }),
  );
}

/** Beside running producers and consumers. @returns how many were moved */
export async function moveBulk({ model, queue: { name: from }, signal }: Replacement) {
  return moveMessages(model, { from, through: holdingOf(from), ...live, signal });
}

/** Each moves all that is there. */
const roundsMax = 10;

/** Needs the virtual-host lock: a message that arrives between the two steps is lost. */
export async function swap({ model, queue, bindings, signal }: Replacement): Promise<number> {
  const { name } = queue;
  const aside = bindings.map((binding) => ({ ...binding, queue: holdingOf(name) }));
  // The lock does not stop a retry tier from returning messages: they need a route meanwhile.
  await onChannel(model, async (channel) => {
    await declare(channel, { bindings: aside });
    for (const { exchange, key } of bindings) await channel.unbindQueue(name, exchange, key);
  });
  let moved = 0;
  // What a client had in hand when the lock ended its connection may come back after a round.
  for (let round = 0; round < roundsMax; round += 1) {
    const more = await moveMessages(model, { from: name, through: holdingOf(name), signal });
    if (more === 0) break;
    moved += more;
  }
  await onChannel(model, async (channel) => {
    const { consumerCount, messageCount: left } = await channel.checkQueue(name);
    if (consumerCount > 0 || left > 0) {
      throw new Error(`${name} is in use: ${consumerCount} consumers, ${left} messages`);
    }
    const { messageCount } = await channel.deleteQueue(name);
    await declare(channel, { queues: [queue], bindings });
    for (const one of aside) await channel.unbindQueue(one.queue, one.exchange, one.key);
    if (messageCount > 0) throw new Error(`${name}: ${messageCount} messages came too late`);
  });
  return moved;
}

/** Returns held messages to their queue, beside running clients. @returns how many */
export async function returnMessages(
  model: ChannelModel,
  name: string,
  signal: AbortSignal,
): Promise<number> {
  const [from, through] = [holdingOf(name), returnOf(name)];
  await onChannel(model, async (channel) => {
    await channel.assertExchange(through, 'fanout', { durable: true });
    await channel.bindQueue(name, through, '');
  });
  for (let moved = 0; ;) {
    moved += await moveMessages(model, { from, through, signal });
    const emptied = await onChannel(model, async (channel) => {
      // It was bound in place of its queue: what was routed then may still come.
      await channel.deleteExchange(from);
      const { messageCount } = await channel.checkQueue(from);
      if (messageCount > 0) return false;
      await channel.deleteQueue(from);
      await channel.deleteExchange(through);
      return true;
    });
    if (emptied) return moved;
  }
}
