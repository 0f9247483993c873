import type { Body, TopicContract } from './contract';
import type { Channel, ChannelModel } from 'amqplib';
import { newEnvelope, toProperties } from './envelope';
import type { Link } from './link';

/**
 * Tells without waiting: best effort, never blocks and never throws. What the broker cannot take
 * right now is dropped and counted.
 */
export class Teller {
  private channel?: Channel;
  private readonly declared = new Set<string>();
  private writable = false;
  dropped = 0;

  constructor(
    private readonly link: Link,
    private readonly service: string,
  ) {
    link.onUp((model) => void this.open(model));
  }

  /** @returns false when the message was dropped */
  tell<C extends TopicContract>(contract: C, key: string, body: Body<C>): boolean {
    const { channel, writable, link } = this;
    if (channel === undefined || !writable || link.blocked !== undefined) return this.drop();
    const { exchange } = contract.route;
    try {
      if (!this.declared.has(exchange)) {
        this.declared.add(exchange);
        // Frames of one channel are handled in order: the exchange is there before the message.
        void channel.assertExchange(exchange, 'topic', { durable: true }).catch(() => undefined);
      }
      const properties = toProperties(newEnvelope(contract.name), this.service);
      const content = Buffer.from(JSON.stringify(body));
      // False says that the socket's buffer is full: this one still goes, the next ones do not.
      this.writable = channel.publish(exchange, key, content, properties);
      return true;
    } catch {
      return this.drop();
    }
  }

  private drop(): false {
    this.dropped += 1;
    return false;
  }

  private async open(model: ChannelModel): Promise<void> {
    try {
      const channel = await model.createChannel();
      this.declared.clear();
      channel.on('drain', () => (this.writable = true));
      channel.on('error', () => undefined);
      channel.on('close', () => this.closed(model, channel));
      this.channel = channel;
      this.writable = true;
    } catch {
      // The link is going down; it opens the next channel when it is up again.
    }
  }

  private closed(model: ChannelModel, channel: Channel): void {
    if (this.channel !== channel) return;
    this.channel = undefined;
    this.writable = false;
    setTimeout(() => {
      if (this.channel === undefined && this.link.isUp) void this.open(model);
    }, 1_000).unref();
  }
}
