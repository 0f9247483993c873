import type { ChannelModel, ConfirmChannel } from 'amqplib';
import { isNack, publishConfirmed, type Properties } from '../connection/publish-frames';
import { asError, PublishRefused, PublishUnknown, Unroutable } from '../errors';
import { bounded, NoAnswer } from '../time';
import { simpleWays, type Ways } from '../topology/ways';

const confirmTimeoutMs = 10_000;

/**
 * Publishes to queues and waits for the confirm of each message. Give it a connection of its own:
 * under an alarm the broker stops reading from one that publishes, acks and locks included.
 */
export class ConfirmedPublisher {
  private readonly missing = new Set<string>();
  /** Why the broker has closed the channel. */
  private problem?: Error;

  private constructor(
    readonly channel: ConfirmChannel,
    readonly ways: Ways,
  ) {
    channel.on('error', (error: Error) => (this.problem = error));
    // The broker sends the return before the confirm of the same message.
    channel.on('return', ({ fields }) => this.missing.add(fields.routingKey));
  }

  static async open(model: ChannelModel, ways = simpleWays): Promise<ConfirmedPublisher> {
    return new ConfirmedPublisher(await model.createConfirmChannel(), ways);
  }

  /** @throws PublishUnknown no confirm in time; PublishRefused, Unroutable, what the broker said */
  async publish(queue: string, content: Buffer, properties: Properties): Promise<void> {
    const confirmed = new Promise<void>((resolve, reject) => {
      const place = this.ways.to(queue);
      publishConfirmed(this.channel, place, content, properties, (error) => {
        if (error) reject(isNack(error) ? new PublishRefused() : asError(this.problem ?? error));
        else if (this.missing.has(queue)) reject(new Unroutable(place.exchange, queue));
        else resolve();
      });
    });
    await bounded(confirmed, confirmTimeoutMs, 'the broker').catch((error: unknown) => {
      throw error instanceof NoAnswer ? new PublishUnknown(confirmTimeoutMs) : error;
    });
  }
}
