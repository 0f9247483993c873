import type { Logger } from '@nestjs/common';
import type { ConfirmChannel, Message } from 'amqplib';
import type { Outgoing } from '../envelope';
import { PublishBufferFull, PublishRefused, PublishUnknown, Unroutable, asError } from '../errors';
import type { Link } from '../connection/link';
import { isNack, publishConfirmed } from '../connection/publish-frames';
import { bounded, settled, until } from '../time';
import type { OperationTimes } from '../observe/operation-times';
import { ReopeningChannel } from '../connection/reopening-channel';
import { publishing } from '../telemetry/publishing';
import type { Topology } from '../topology/topology';
import { nameOfPlace, type Mode } from '../topology/ways';
import { Forbidden } from './forbidden';
import { Silence } from './silence';

/** Where a message goes, and how that place is made if it is missing. */
export interface Target {
  exchange: string;
  routingKey: string;
  /** Declared once a channel, before the first message that goes there. */
  needs?: Partial<Topology>;
}

interface Pending {
  target: Target;
  content: Buffer;
  options: Outgoing;
  /** The channel it was last written to; undefined while it waits for one. */
  channel?: ConfirmChannel;
  expiresAt: number;
  timeoutMs: number;
  settle: (error?: Error) => void;
}

export interface PublisherOptions {
  link: Link;
  log: Logger;
  mode?: Mode;
  /** Messages without a confirm that are held at most. */
  pendingMax: number;
  times?: OperationTimes;
}

const sweepEveryMs = 250;
const defaultTimeoutMs = 10_000;
const closeTimeoutMs = 2_000;
/** A quorum queue that is declared for the first time may take its time. */
const declareTimeoutMs = 10_000;
const isIdleEveryMs = 100;

/**
 * Publishes with confirms, `mandatory` and persistent. Each message ends in one of three ways:
 * confirmed (resolves), returned (`Unroutable`), or unknown (`PublishUnknown`). A message whose
 * link was lost before its confirm is sent again with the same id when the link is back. One that
 * is refused on a channel of some age is sent again on a new one, which may not refuse it.
 */
export class Publisher {
  private readonly pending = new Map<string, Pending>();
  readonly channel: ReopeningChannel<ConfirmChannel>;
  private readonly declared = new Map<string, Promise<void>>();
  private readonly forbidden: Forbidden;
  private sweeper?: NodeJS.Timeout;
  private readonly silence: Silence;
  private stopped = false;

  constructor(private readonly options: PublisherOptions) {
    const { link, log, mode } = options;
    this.forbidden = new Forbidden(mode);
    this.channel = new ReopeningChannel<ConfirmChannel>({
      link,
      log,
      name: 'publisher',
      create: (model) => model.createConfirmChannel(),
      onOpen: (channel) => this.opened(channel),
    });
    this.silence = new Silence(link, this.channel);
  }

  get isOpen(): boolean {
    return this.channel.current !== undefined && this.options.link.blocked === undefined;
  }

  /** What it may not do, a sentence each. */
  get problems(): string[] {
    return this.forbidden.problems;
  }

  /**
   * @param options must carry a messageId, unique among those pending
   * @throws Unroutable, PublishRefused, PublishUnknown, PublishBufferFull
   */
  publish(
    target: Target,
    content: Buffer,
    options: Outgoing,
    timeoutMs = defaultTimeoutMs,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: Error) => (error === undefined ? resolve() : reject(error));
      this.offer(target, content, options, publishing(target, content, options, settle), timeoutMs);
    });
  }

  /**
   * `publish` without a promise, for many messages.
   * @param done called once, with what `publish` throws, and throws nothing itself; called at once
   * when the message is refused here
   */
  offer(
    target: Target,
    content: Buffer,
    options: Outgoing,
    done: (error?: Error) => void,
    timeoutMs = defaultTimeoutMs,
  ): void {
    const ended = this.options.times?.begin(nameOfPlace(target));
    const told = (error?: Error) => {
      ended?.(error);
      done(error);
    };
    const refused = this.refusal(target);
    if (refused !== undefined) return told(refused);
    this.sweeper ??= setInterval(() => this.sweep(), sweepEveryMs);
    const key = `${target.exchange}\n${target.routingKey}\n${options.messageId}`;
    if (this.pending.has(key)) {
      return told(new PublishRefused(`${options.messageId} is being published`));
    }
    const message: Pending = {
      target,
      content,
      options,
      expiresAt: Date.now() + timeoutMs,
      timeoutMs,
      settle: (error) => {
        // The late confirm of a message that was given up must not take another try of it away.
        if (this.pending.get(key) !== message) return;
        this.pending.delete(key);
        told(error);
      },
    };
    this.pending.set(key, message);
    this.writeWhenOpen(message);
  }

  /** Takes no more; what is pending has until its own deadline, and `timeoutMs` at most. */
  async stop(timeoutMs: number): Promise<void> {
    this.stopped = true;
    await until(() => this.pending.size === 0, timeoutMs);
    for (const message of this.pending.values()) message.settle(new PublishUnknown(timeoutMs));
  }

  /** Why a message is not even written. */
  private refusal({ exchange }: Target): Error | undefined {
    const { pendingMax } = this.options;
    if (this.stopped) return new PublishRefused('the publisher is closed');
    if (this.pending.size >= pendingMax) return new PublishBufferFull(pendingMax);
    const forbidden = this.forbidden.why(exchange);
    return forbidden && new PublishRefused(forbidden.message);
  }

  private opened(channel: ConfirmChannel): void {
    this.declared.clear();
    this.silence.channelOpened();
    channel.on('return', (message: Message) => this.returned(message));
    channel.on('error', (error) => this.refuseForbidden(error));
    channel.on('close', () => this.lost(channel));
    for (const message of this.pending.values()) {
      // What waits for its confirm on a channel that was given up is not written twice.
      if (message.channel === undefined) this.write(channel, message);
    }
  }

  private lost(channel: ConfirmChannel): void {
    for (const message of this.pending.values()) {
      if (message.channel === channel) this.writeWhenOpen(message);
    }
  }

  /** Now, or on the next channel. */
  private writeWhenOpen(message: Pending): void {
    message.channel = undefined;
    if (this.channel.current) this.write(this.channel.current, message);
  }

  // Sent again, it would end the next channel too.
  private refuseForbidden(error: unknown): void {
    const forbidden = this.forbidden.note(error);
    if (forbidden === undefined) return;
    for (const message of this.pending.values()) {
      if (message.target.exchange !== forbidden.exchange) continue;
      message.settle(new PublishRefused(forbidden.cause.message));
    }
  }

  private nacked(channel: ConfirmChannel, message: Pending): void {
    if (this.channel.current === channel) {
      const isRenewed = this.channel.renew(`refused: ${placeOf(message.target)}`);
      if (!isRenewed) return message.settle(new PublishRefused());
      void this.closeWhenIdle(channel);
    }
    this.writeWhenOpen(message);
  }

  private async closeWhenIdle(channel: ConfirmChannel): Promise<void> {
    const isIdle = () => ![...this.pending.values()].some((one) => one.channel === channel);
    await until(isIdle, defaultTimeoutMs, isIdleEveryMs);
    await settled(channel.close(), closeTimeoutMs);
  }

  private write(channel: ConfirmChannel, message: Pending): void {
    const { target } = message;
    if (target.needs === undefined || this.declared.get(placeOf(target)) === done) {
      this.writeNow(channel, message);
      return;
    }
    this.declareOnce(target, target.needs).then(
      () => this.writeNow(channel, message),
      (error: unknown) => {
        // When the channel has ended meanwhile, the next one declares.
        if (this.channel.current !== channel) return;
        message.settle(new PublishRefused(asError(error).message));
      },
    );
  }

  private declareOnce(target: Target, needs: Partial<Topology>): Promise<void> {
    const place = placeOf(target);
    const known = this.declared.get(place);
    if (known) return known;
    const running = bounded(this.options.link.declare(needs), declareTimeoutMs, 'the broker');
    const settle = (outcome?: Promise<void>) => () => {
      if (this.declared.get(place) !== running) return;
      if (outcome === undefined) this.declared.delete(place);
      else this.declared.set(place, outcome);
    };
    this.declared.set(place, running);
    running.then(settle(done), settle());
    return running;
  }

  private writeNow(channel: ConfirmChannel, message: Pending): void {
    if (this.channel.current !== channel) return;
    const { target, content, options } = message;
    message.channel = channel;
    try {
      publishConfirmed(channel, target, content, options, (error) => {
        // When the channel closed under way the outcome is unknown: `lost` writes it again.
        if (error !== null && !isNack(error)) return;
        this.silence.answered();
        if (error === null) message.settle();
        else this.nacked(channel, message);
      });
    } catch (error) {
      // A channel that is closing throws at the write: `lost` writes it again. All else is the
      // message's fault.
      const { name, message: why } = asError(error);
      if (name !== 'IllegalOperationError') message.settle(new PublishRefused(why));
    }
  }

  // The broker sends the return before the confirm of the same message.
  private returned({ fields, properties }: Message): void {
    const { exchange, routingKey } = fields;
    const key = `${exchange}\n${routingKey}\n${String(properties.messageId)}`;
    // What was declared has been deleted: the next message there declares it again.
    this.declared.delete(placeOf({ exchange, routingKey }));
    this.pending.get(key)?.settle(new Unroutable(exchange, routingKey));
  }

  private sweep(): void {
    const now = Date.now();
    this.silence.sweep(now);
    for (const message of this.pending.values()) {
      if (message.expiresAt > now) continue;
      message.settle(new PublishUnknown(message.timeoutMs));
      const { channel } = message;
      if (channel === undefined || channel !== this.channel.current) continue;
      if (this.silence.waitedTooLong(now)) void this.closeWhenIdle(channel);
    }
    if (this.pending.size === 0) {
      clearInterval(this.sweeper);
      this.sweeper = undefined;
    }
  }
}

const done = Promise.resolve();

// Behind the default exchange each queue is a place of its own.
function placeOf({ exchange, routingKey }: Target): string {
  return exchange === '' ? `queue ${routingKey}` : exchange;
}
