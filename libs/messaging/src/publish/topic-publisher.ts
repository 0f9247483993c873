import type { Logger } from '@nestjs/common';
import type { ConfirmChannel } from 'amqplib';
import { newEnvelope, toProperties } from '../envelope';
import { asError } from '../errors';
import { typeOf, type Body, type TopicContract } from '../contract';
import type { Link } from '../connection/link';
import type { SentCounts } from '../observe/sent-counts';
import { atOnce, isNack, publishConfirmed } from '../connection/publish-frames';
import { ReopeningChannel } from '../connection/reopening-channel';
import { tracePublish } from '../telemetry/publishing';
import { settled, until } from '../time';
import { Forbidden } from './forbidden';

const closeTimeoutMs = 2_000;
/** Messages that wait for their exchange to be declared. */
const waitingMax = 100;
/** Of what is refused for ever, a line in ten minutes or so. */
const reportEvery = 60;

type Publish = (channel: ConfirmChannel) => void;

/**
 * Publishes topics; never blocks or throws. What the broker cannot take right now is dropped. It
 * waits for no confirm, but without them it would not hear that its channel is to be given up.
 */
export class TopicPublisher {
  private readonly channel: ReopeningChannel<ConfirmChannel>;
  /** By exchange: what waits until it is declared on this channel; undefined when it is. */
  private readonly exchanges = new Map<string, Publish[] | undefined>();
  private readonly forbidden = new Forbidden();
  private refusals = 0;
  private writable = false;

  constructor(
    private readonly link: Link,
    private readonly log: Logger,
    private readonly service: string,
    private readonly counts?: SentCounts,
  ) {
    this.channel = new ReopeningChannel<ConfirmChannel>({
      link,
      name: 'topic publisher',
      create: (model) => model.createConfirmChannel(),
      onOpen: (channel) => this.opened(channel),
    });
  }

  /** @returns false when the message was dropped */
  tell<C extends TopicContract>(contract: C, key: string, body: Body<C>): boolean {
    const { current: channel } = this.channel;
    if (channel === undefined || !this.writable || this.link.blocked !== undefined) return false;
    const { exchange } = contract.route;
    if (this.forbidden.why(exchange) !== undefined) return false;
    try {
      const properties = toProperties(newEnvelope(typeOf(contract)), this.service);
      const content = Buffer.from(JSON.stringify(body));
      const place = { exchange, routingKey: key };
      tracePublish(place, content, properties);
      return this.onceDeclared(exchange, channel, () => {
        this.counts?.add(exchange, '', contract.name);
        const confirmed = (error: unknown) => this.confirmed(channel, error);
        // False says that the socket's buffer is full: this one still goes, the next ones do not.
        this.writable = publishConfirmed(channel, place, content, properties, confirmed, atOnce);
      });
    } catch {
      return false;
    }
  }

  /** What waits for its exchange is published, or dropped when that takes longer. */
  async stop(timeoutMs: number): Promise<void> {
    const isWaiting = () => [...this.exchanges.values()].some((one) => one !== undefined);
    await until(() => !isWaiting(), timeoutMs);
  }

  private opened(channel: ConfirmChannel): void {
    this.exchanges.clear();
    this.writable = true;
    channel.on('drain', () => (this.writable = true));
    channel.on('error', (error) => {
      const noted = this.forbidden.note(error);
      if (noted !== undefined) this.refused(noted.exchange, noted.cause);
    });
  }

  private onceDeclared(exchange: string, channel: ConfirmChannel, publish: Publish): boolean {
    const waiting = this.exchanges.get(exchange);
    if (waiting !== undefined) {
      if (waiting.length >= waitingMax) return false;
      waiting.push(publish);
      return true;
    }
    if (this.exchanges.has(exchange)) publish(channel);
    else void this.declare(exchange, channel, [publish]);
    return true;
  }

  private async declare(exchange: string, channel: ConfirmChannel, waiting: Publish[]) {
    this.exchanges.set(exchange, waiting);
    try {
      await this.link.declare({ exchanges: [{ name: exchange, type: 'topic' }] });
      if (this.channel.current !== channel) return;
      this.exchanges.set(exchange, undefined);
      for (const publish of waiting) publish(channel);
    } catch (error) {
      if (this.channel.current !== channel) return;
      this.exchanges.delete(exchange);
      this.forbidden.add(exchange, asError(error));
      this.refused(exchange, asError(error));
    }
  }

  // The line may be one for a topic that is refused itself.
  private refused(exchange: string, { message: cause }: Error): void {
    if (this.refusals % reportEvery === 0) this.log.warn('topic refused', { exchange, cause });
    this.refusals += 1;
  }

  private confirmed(channel: ConfirmChannel, error: unknown): void {
    if (!isNack(error) || this.channel.current !== channel) return;
    if (this.channel.renew('refused by the broker')) {
      void settled(channel.close(), closeTimeoutMs);
    }
  }
}
