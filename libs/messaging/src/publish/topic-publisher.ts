import { newEnvelope, toProperties } from '../envelope';
import type { Body, TopicContract } from '../contract';
import type { Link } from '../connection/link';
import { publish } from '../connection/publish-frames';
import { ReopeningChannel } from '../connection/reopening-channel';

/** Publishes topics; never blocks or throws. What the broker cannot take right now is dropped. */
export class TopicPublisher {
  private readonly channel: ReopeningChannel;
  private readonly declared = new Set<string>();
  private writable = false;

  constructor(
    private readonly link: Link,
    private readonly service: string,
  ) {
    this.channel = new ReopeningChannel({
      link,
      name: 'topic publisher',
      create: (model) => model.createChannel(),
      onOpen: (channel) => {
        this.declared.clear();
        this.writable = true;
        channel.on('drain', () => (this.writable = true));
      },
    });
  }

  /** @returns false when the message was dropped */
  tell<C extends TopicContract>(contract: C, key: string, body: Body<C>): boolean {
    const { current: channel } = this.channel;
    if (channel === undefined || !this.writable || this.link.blocked !== undefined) return false;
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
      this.writable = publish(channel, { exchange, routingKey: key }, content, properties);
      return true;
    } catch {
      return false;
    }
  }
}
