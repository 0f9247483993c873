import type { ConfirmChannel } from 'amqplib';
import { newEnvelope, toProperties } from '../envelope';
import type { Body, TopicContract } from '../contract';
import type { Link } from '../connection/link';
import { atOnce, isNack, publishConfirmed } from '../connection/publish-frames';
import { ReopeningChannel } from '../connection/reopening-channel';
import { settled } from '../time';

const closeTimeoutMs = 2_000;

/**
 * Publishes topics; never blocks or throws. What the broker cannot take right now is dropped. It
 * waits for no confirm, but without them it would not hear that its channel is to be given up.
 */
export class TopicPublisher {
  private readonly channel: ReopeningChannel<ConfirmChannel>;
  private readonly declared = new Set<string>();
  private writable = false;

  constructor(
    private readonly link: Link,
    private readonly service: string,
  ) {
    this.channel = new ReopeningChannel<ConfirmChannel>({
      link,
      name: 'topic publisher',
      create: (model) => model.createConfirmChannel(),
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
      const place = { exchange, routingKey: key };
      const confirmed = (error: unknown) => this.confirmed(channel, error);
      this.writable = publishConfirmed(channel, place, content, properties, confirmed, atOnce);
      return true;
    } catch {
      return false;
    }
  }

  private confirmed(channel: ConfirmChannel, error: unknown): void {
    if (!isNack(error) || this.channel.current !== channel) return;
    if (this.channel.renew('refused by the broker')) {
      void settled(channel.close(), closeTimeoutMs);
    }
  }
}
