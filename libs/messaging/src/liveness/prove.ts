import type { Channel, ConsumeMessage } from 'amqplib';
import { sleep } from '../time';

/** A consumer of ours, as it stands on its channel. */
export interface Subscription {
  channel: Channel;
  consumerTag?: string;
  /** Messages taken and not yet settled. */
  inFlight: number;
  /** Messages that came to this consumer ever. */
  delivered: number;
  /** When the broker last showed that it has this consumer, epoch milliseconds. */
  provenAt: number;
}

/**
 * `there`: the broker has it. `busy`: it has work in hand, and the queue has a consumer.
 * `restored`: the broker had lost it, and has it again. `missing`: not even consuming again helped.
 */
export type Finding = 'there' | 'busy' | 'restored' | 'missing';

// Another replica that does the same is without a consumer for some milliseconds only.
const steadyMs = 50;

/**
 * Has the broker show that it has this very consumer. AMQP has no question for that: a queue tells
 * only how many consumers it has, and those of other replicas hide ours. So ours is cancelled and
 * made again, all on its own channel: the broker's answer to the new `basic.consume` proves that
 * the queue has it now, and the queue's count around the cancel tells whether it had it before. For
 * a few milliseconds other replicas take its share; what is in flight is not touched.
 *
 * What it proves: at `provenAt` the queue had this consumer. What it does not: that the count did
 * not change at that very moment because another replica started; then `restored` is a false alarm
 * that does no harm. Nothing is cancelled while work is in hand (a queue goes on counting a
 * cancelled consumer until that is settled): then only a count of 0 gives the loss away.
 */
export async function prove(
  subscription: Subscription,
  queue: string,
  onMessage: (raw: ConsumeMessage | null) => void,
  isOver: () => boolean,
): Promise<Finding> {
  const { channel, delivered, consumerTag } = subscription;
  const count = async () => (await channel.checkQueue(queue)).consumerCount;
  const before = await count();
  const asBefore = before > 0 ? await isSteady(before, count) : true;
  if (subscription.delivered > delivered) return 'there';
  if (subscription.inFlight > 0 && before > 0) return 'busy';
  if (consumerTag === undefined || isOver()) return 'busy';

  await channel.cancel(consumerTag);
  const after = await count();
  const lost = subscription.delivered === delivered && asBefore && after >= before;
  if (isOver()) return 'there';

  const consuming = await channel.consume(queue, onMessage, { noAck: false });
  subscription.consumerTag = consuming.consumerTag;
  if ((await count()) === 0) return 'missing';
  subscription.provenAt = Date.now();
  return lost ? 'restored' : 'there';
}

async function isSteady(before: number, count: () => Promise<number>): Promise<boolean> {
  await sleep(steadyMs);
  return (await count()) === before;
}
