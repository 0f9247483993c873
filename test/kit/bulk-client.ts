import { connect, type ChannelModel, type ConfirmChannel, type Options } from 'amqplib';
import type { ConsumeMessage, GetMessage } from 'amqplib';
import { once } from 'node:events';
import { v7 } from 'uuid';

/** Where answers of questions are published, where a service says so; else to the queue itself. */
const repliesExchange = 'replies';

/** A plain AMQP client for messages by the ten thousand. */
export class BulkClient {
  /** Published, and no queue took them. */
  returned = 0;

  private constructor(
    private readonly link: ChannelModel,
    private readonly publishing: ConfirmChannel,
  ) {
    publishing.on('return', () => (this.returned += 1));
  }

  static async connect(amqpUrl: string): Promise<BulkClient> {
    const link = await connect(amqpUrl, { noDelay: true, timeout: 10_000 });
    link.on('error', () => undefined);
    const publishing = await link.createConfirmChannel();
    return new BulkClient(link, publishing);
  }

  /** To one queue. Resolves when the next one may be published. */
  async publish(queue: string, content: Buffer, options: Options.Publish): Promise<void> {
    const all = { persistent: true, mandatory: true, ...options };
    if (!this.publishing.publish('', queue, content, all)) await once(this.publishing, 'drain');
  }

  /** Resolves when the broker has all of them. @throws when it refused one */
  async confirmed(): Promise<void> {
    await this.publishing.waitForConfirms();
  }

  /** Takes what is in the queue and what comes, and acks it. */
  async take(queue: string, onMessage: (message: ConsumeMessage) => void): Promise<void> {
    const channel = await this.link.createChannel();
    await channel.prefetch(500);
    await channel.consume(queue, (message) => {
      if (!message) return;
      onMessage(message);
      channel.ack(message);
    });
  }

  /** Hears answers. @returns what questions have for `replyTo` */
  async hearReplies(service: string, onReply: (message: ConsumeMessage) => void): Promise<string> {
    const channel = await this.link.createChannel();
    const name = `${service}.reply.${v7()}`;
    await channel.assertQueue(name, { exclusive: true });
    if (await this.exists(repliesExchange)) await channel.bindQueue(name, repliesExchange, name);
    await channel.consume(name, (message) => message && onReply(message), { noAck: true });
    return name;
  }

  /** How many messages wait; 0 for a queue that is not there. */
  async depth(queue: string): Promise<number> {
    const found = await this.onScratch(async (channel) => channel.checkQueue(queue));
    return found?.messageCount ?? 0;
  }

  /** Looks at what waits, and leaves it there. */
  async peek(queue: string, countMax: number): Promise<GetMessage[]> {
    const found = await this.onScratch(async (channel) => {
      const messages: GetMessage[] = [];
      for (let left = countMax; left > 0; left -= 1) {
        const message = await channel.get(queue);
        if (!message) break;
        messages.push(message);
      }
      return messages;
    });
    return found ?? [];
  }

  async close(): Promise<void> {
    await this.link.close().catch(() => undefined);
  }

  private async exists(exchange: string): Promise<boolean> {
    return (await this.onScratch(async (channel) => channel.checkExchange(exchange))) !== undefined;
  }

  /** What is taken there goes back. @returns undefined where something is not there */
  private async onScratch<T>(
    work: (channel: ConfirmChannel) => Promise<T>,
  ): Promise<T | undefined> {
    const channel = await this.link.createConfirmChannel();
    channel.on('error', () => undefined);
    try {
      return await work(channel);
    } catch (error) {
      if ((error as { code?: number }).code === 404) return undefined;
      throw error;
    } finally {
      await channel.close().catch(() => undefined);
    }
  }
}
