import type { Channel, ConsumeMessage } from 'amqplib';
import { asError } from '../errors';

/**
 * The acks of a channel, gathered for a turn: one ack for all that is done up to the oldest message
 * that is not, and one each for what is done beyond it, so that a slow message holds none back.
 */
export class Acks {
  /** Delivery tags of what the broker waits for, oldest first. */
  private readonly open = new Set<number>();
  private done: ConsumeMessage[] = [];
  private following: (() => void)[] = [];
  private isDue = false;

  /** @param failed gets what the channel does not take, though it is open */
  constructor(
    private readonly channel: Channel,
    private readonly failed: (error: Error) => void,
  ) {}

  /** Call it with everything that comes: what is not known here would be acked with the others. */
  took({ fields }: ConsumeMessage): void {
    this.open.add(fields.deliveryTag);
  }

  ack(raw: ConsumeMessage): void {
    if (!this.open.delete(raw.fields.deliveryTag)) return;
    this.done.push(raw);
    this.flushSoon();
  }

  /** Back to its queue, at once. */
  requeue(raw: ConsumeMessage): void {
    const { channel } = this;
    if (this.open.delete(raw.fields.deliveryTag)) this.attempt(() => channel.reject(raw, true));
  }

  /** Not back: the broker drops it, or dead-letters it as its queue says. */
  refuse(raw: ConsumeMessage): void {
    const { channel } = this;
    if (this.open.delete(raw.fields.deliveryTag)) this.attempt(() => channel.reject(raw, false));
  }

  /** Runs `write` when what was acked before is written. */
  afterwards(write: () => void): void {
    this.following.push(write);
    this.flushSoon();
  }

  /** Writes what has gathered: before the channel is closed, for one. */
  flush(): void {
    this.isDue = false;
    const { channel, done, following } = this;
    this.done = [];
    this.following = [];
    this.attempt(() => this.write(channel, done));
    for (const write of following) this.attempt(write);
  }

  private flushSoon(): void {
    if (this.isDue) return;
    this.isDue = true;
    setImmediate(() => this.flush());
  }

  private write(channel: Channel, done: ConsumeMessage[]): void {
    const [oldest = Infinity] = this.open;
    let last: ConsumeMessage | undefined;
    for (const raw of done) {
      const { deliveryTag } = raw.fields;
      if (deliveryTag > oldest) channel.ack(raw);
      else if (last === undefined || deliveryTag > last.fields.deliveryTag) last = raw;
    }
    if (last !== undefined) channel.ack(last, true);
  }

  // On a closed channel amqplib throws; the broker has the message back and redelivers it.
  private attempt(operation: () => unknown): void {
    try {
      operation();
    } catch (thrown) {
      const error = asError(thrown);
      if (error.name !== 'IllegalOperationError') this.failed(error);
    }
  }
}
