import type { Channel, ConsumeMessage } from 'amqplib';
import type { Wiring } from '../handlers/handler';
import { sleep } from '../time';

type OnMessage = (raw: ConsumeMessage | null) => void;

/** A consumer of ours, as it stands on its channel. */
export interface Subscription {
  channel: Channel;
  consumerTag?: string;
  /** Messages taken and not yet settled. */
  inFlight: number;
  /** Messages that came to this consumer ever. */
  delivered: number;
  /** When the broker last showed that it has this consumer, epoch milliseconds. */
  lastSeenAt: number;
}

/**
 * `present`: the broker has it. `counted`: the queue has a consumer; to ask for more would cost its
 * work in hand or its turn. `restored`: the broker had lost it, and has it again. `missing`: it
 * consumes again, and the broker still has no consumer.
 */
export type Finding = 'present' | 'counted' | 'restored' | 'missing';

// Another replica that does the same is without a consumer for some milliseconds only.
const steadyMs = 50;

/**
 * Has the broker show that it has this very consumer. A queue tells only how many it has, those of
 * other replicas among them. So ours is cancelled and made again, all on its own channel: the
 * answer to the new `basic.consume` shows that the queue has it now (`lastSeenAt`), the queue's
 * count around the cancel whether it had it before. For a few milliseconds other replicas take its
 * share; what is in flight is not touched. If another replica starts at that very moment,
 * `restored` is a false alarm that does no harm. Nothing is cancelled while work is in hand (a
 * queue goes on counting a cancelled consumer until that is settled), nor where a cancel hands the
 * queue over to another consumer (docs/adr/0010): then only a count of 0 gives the loss away.
 */
export async function checkConsumer(
  subscription: Subscription,
  handler: Wiring,
  onMessage: OnMessage,
  isOver: () => boolean,
): Promise<Finding> {
  const { channel, delivered, consumerTag } = subscription;
  const { queue, singleActive, priority } = handler;
  const count = async () => (await channel.checkQueue(queue)).consumerCount;
  const before = await count();
  if (before > 0 && (singleActive || priority !== undefined)) return 'counted';
  if (before > 0) await sleep(steadyMs);
  const asBefore = before === 0 || (await count()) === before;
  if (subscription.delivered > delivered) return 'present';
  if (subscription.inFlight > 0 && before > 0) return 'counted';
  if (consumerTag === undefined || isOver()) return 'counted';

  await channel.cancel(consumerTag);
  const after = await count();
  const lost = subscription.delivered === delivered && asBefore && after >= before;
  if (isOver()) return 'present';

  subscription.consumerTag = await subscribe(subscription, handler, onMessage);
  if ((await count()) === 0) return 'missing';
  subscription.lastSeenAt = Date.now();
  return lost ? 'restored' : 'present';
}

/** @returns the tag under which the broker knows the new consumer */
export async function subscribe(
  { channel }: Subscription,
  { queue, priority }: Wiring,
  onMessage: OnMessage,
): Promise<string> {
  return (await channel.consume(queue, onMessage, { noAck: false, priority })).consumerTag;
}
