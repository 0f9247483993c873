import type { ConsumeMessage } from 'amqplib';
import { PropertyList } from '../connection/property-list';
import type { Delivery } from '../consume/delivery';
import { Failures } from '../consume/failures';
import { delayMsOf, type Tier } from '../consume/retry-tiers';
import { headerNames, sameMessage, type Headers } from '../envelope';
import type { Message } from '../message';
import type { HeldMessage, HeldMessages } from './held-messages';
import { patiently } from './patiently';

/** Failed messages of a handler in order: they wait in the database, and keep their places. */
export class LineFailures extends Failures {
  /** Of messages that a handler has or has had. */
  private readonly keys = new WeakMap<Message, string>();

  constructor(
    private readonly held: HeldMessages,
    ...rest: ConstructorParameters<typeof Failures>
  ) {
    super(...rest);
  }

  noteKey(message: Message, key: string): void {
    this.keys.set(message, key);
  }

  // Given back to its queue alone, it would come after those behind it.
  protected override async move<T>(
    delivery: Delivery,
    message: Message,
    place: () => Promise<T>,
  ): Promise<T | undefined> {
    const isOver = () => delivery.isOver === true;
    const move = async () => {
      const placed = await place();
      delivery.ack();
      return placed;
    };
    return patiently(move, isOver, (error) => this.tellNotMoved(message, error));
  }

  protected override async putAside(
    tier: Tier,
    raw: ConsumeMessage,
    message: Message,
    headers: Headers,
  ): Promise<void> {
    await this.hold(raw, message, headers, delayMsOf(tier));
  }

  protected override get deadHeaders(): Headers {
    return this.isStopping ? { [headerNames.onDead]: 'stop' } : {};
  }

  protected override async buried(raw: ConsumeMessage, message: Message): Promise<void> {
    if (this.isStopping && this.keys.has(message)) await this.hold(raw, message, {}, 0, true);
  }

  private get isStopping(): boolean {
    return this.handler.inOrder?.onDead === 'stop';
  }

  private async hold(
    raw: ConsumeMessage,
    message: Message,
    headers: Headers,
    waitMs: number,
    isStopped = false,
  ): Promise<void> {
    const key = this.keys.get(message);
    if (key === undefined) throw new Error(`message ${message.id} has no key`);
    await this.held.hold(heldMessage(raw, message.id, key, headers), waitMs, isStopped);
  }
}

/** @param headers laid over its own */
export function heldMessage(
  { properties, content }: ConsumeMessage,
  messageId: string,
  key: string,
  headers: Headers = {},
): HeldMessage {
  const list = PropertyList.of(properties);
  sameMessage(list, messageId, headers);
  return { messageId, key, properties: list.toBytes(), content };
}
