import type { ChannelModel } from 'amqplib';
import { MessagingError } from '../errors';
import { sleep } from '../time';
import { onChannel } from '../topology/topology';

export const lockQueue = 'dead-letters.lock';
const retryMs = 50;
const resourceLocked = 405;

/** Another operator holds the dead letters at the moment. */
export class DeadLettersBusy extends MessagingError {
  constructor(waitedMs: number) {
    super(`another operation has held the dead letters for ${waitedMs} ms; try again`);
  }
}

/**
 * Runs `work` while no other connection does the same. An exclusive queue is the lock: the broker
 * refuses it to others, and drops it when its connection ends, however that ends.
 * @throws DeadLettersBusy the lock is not free within `waitMs`
 */
export async function withOperatorsLock<T>(
  model: ChannelModel,
  waitMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const deadline = Date.now() + waitMs;
  while (!(await acquire(model))) {
    if (Date.now() > deadline) throw new DeadLettersBusy(waitMs);
    await sleep(retryMs);
  }
  try {
    return await work();
  } finally {
    await onChannel(model, (channel) => channel.deleteQueue(lockQueue)).catch(() => undefined);
  }
}

async function acquire(model: ChannelModel): Promise<boolean> {
  const options = { exclusive: true, durable: false };
  try {
    await onChannel(model, (channel) => channel.assertQueue(lockQueue, options));
    return true;
  } catch (error) {
    if ((error as { code?: number }).code === resourceLocked) return false;
    throw error;
  }
}
