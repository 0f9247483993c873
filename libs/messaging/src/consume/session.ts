import type { ConsumeMessage } from 'amqplib';
import type { Subscription } from '../liveness/check-consumer';
import { settled } from '../time';
import type { Acks } from './acks';

const closeTimeoutMs = 2_000;

/** A consumer on one channel. */
export interface Session extends Subscription {
  acks: Acks;
  /** Consumes no more, but acks of what is in flight still go through it. */
  retired: boolean;
  /** Beyond the prefetch: a consumer made anew has a prefetch of its own besides the old one's. */
  surplus: ConsumeMessage[];
}

// What is in flight is still acked on it.
export function closeIfDone(session: Session): void {
  if (session.inFlight === 0) void close(session);
}

/** When it resolves, the broker has all acks. */
export async function close({ channel, acks }: Session): Promise<void> {
  acks.flush();
  await settled(channel.close(), closeTimeoutMs);
}
