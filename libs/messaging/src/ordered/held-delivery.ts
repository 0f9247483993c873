import type { Channel, ConsumeMessage } from 'amqplib';
import { PropertyList, withList } from '../connection/property-list';
import type { Delivery } from '../consume/delivery';
import { headerNames } from '../envelope';
import type { DueMessage, HeldMessages } from './held-messages';

/** A message that has waited in the database, as if it came from its queue. */
export class HeldDelivery implements Delivery {
  readonly raw: ConsumeMessage;
  heldSince?: number;
  private settling: Promise<void> = Promise.resolve();

  constructor(
    readonly due: DueMessage,
    private readonly held: HeldMessages,
    queue: string,
    private readonly stopping: AbortSignal,
  ) {
    const list = PropertyList.parse(Buffer.from(due.properties));
    const properties = withList(list.read(), list) as ConsumeMessage['properties'];
    const fields = { exchange: '', routingKey: queue, redelivered: false };
    this.raw = {
      fields: { ...fields, deliveryTag: 0, consumerTag: '' },
      properties,
      content: Buffer.from(due.content),
    };
  }

  get isReplay(): boolean {
    return this.raw.properties.headers?.[headerNames.replays] !== undefined;
  }

  get isOver(): boolean {
    return this.stopping.aborted;
  }

  // One that was held anew meanwhile is another version of it, and stays.
  ack(): void {
    this.settling = this.held.done(this.due);
    this.settling.catch(() => undefined);
  }

  /** Its lease ends. */
  requeue(): void {}

  /** No question waits. */
  reply(): void {}

  /** @throws what the database says: it is tried again later */
  async settled(): Promise<void> {
    await this.settling;
  }

  get channel(): Channel {
    throw new Error('it comes from the database, by no channel');
  }
}
