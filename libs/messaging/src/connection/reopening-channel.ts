import type { Channel, ChannelModel } from 'amqplib';
import { asError } from '../errors';
import { clearly, PermissionMissing } from '../permission-missing';
import type { Link } from './link';
import type { Logger } from '@nestjs/common';
import { settled } from '../time';

export interface ReopeningChannelOptions<C extends Channel> {
  link: Link;
  /** What it is for, as the log names it. */
  name: string;
  /** Without it no line is logged: for an owner that loses channels as a matter of course. */
  log?: Logger;
  create: (model: ChannelModel) => Promise<C>;
  /** Makes a new channel fit for use; when it throws, another one is opened. */
  prepare?: (channel: C) => Promise<void>;
  /** The channel is there, and may be used. */
  onOpen?: (channel: C) => void;
  /** The channel is gone; the next one is on its way. */
  onLost?: (channel: C, reason: string) => void;
}

/** What its user may not do is not tried as often as what may be over soon. */
const reopenMs = { first: 100, max: 2_000, forbidden: 10_000 };
const closeTimeoutMs = 2_000;
/** Of channels that refuse no more than one is given up in that time. */
export const renewAfterMs = 5_000;

/**
 * One channel, kept open while its link is up: when it closes or does not open, another one is
 * opened, after waits that grow as long as channels do not last.
 */
export class ReopeningChannel<C extends Channel = Channel> {
  private channel?: C;
  private model?: ChannelModel;
  private opening?: Promise<void>;
  private openingSince = 0;
  private openedAt = 0;
  private failures = 0;
  private timer?: NodeJS.Timeout;
  private stopped = false;
  private problem = 'not connected yet';

  constructor(private readonly options: ReopeningChannelOptions<C>) {
    options.link.onUp((model) => {
      this.model = model;
      clearTimeout(this.timer);
      void this.open();
    });
  }

  get current(): C | undefined {
    return this.channel;
  }

  /** Why there is no channel at the moment; undefined when there is one. */
  get closedBecause(): string | undefined {
    return this.channel === undefined ? this.problem : undefined;
  }

  /** So long it has waited for the broker to open it; 0 when it does not wait. */
  get openingForMs(): number {
    return this.opening === undefined ? 0 : Date.now() - this.openingSince;
  }

  /** The channel; opened now when there is none. @throws why there is none */
  async get(): Promise<C> {
    if (this.channel === undefined) await this.open();
    if (this.channel === undefined) throw new Error(this.problem);
    return this.channel;
  }

  /** Gives the channel up, which its owner is to close, and opens another one. */
  replace(reason: string): void {
    if (this.channel !== undefined) this.lost(this.channel, reason);
  }

  /**
   * `replace` for a channel on which the broker goes on refusing. RabbitMQ 3.10 does so on one that
   * has met a full queue, also when the queue's limit is lifted; a new one is told the truth.
   * @returns false when the channel is too new for that to be the cause
   */
  renew(reason: string): boolean {
    if (Date.now() - this.openedAt < renewAfterMs) return false;
    this.replace(reason);
    return true;
  }

  /** Opens no more; the channel that is there stays until its connection ends. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private open(): Promise<void> {
    clearTimeout(this.timer);
    this.opening ??= this.tryOpen().finally(() => (this.opening = undefined));
    return this.opening;
  }

  private async tryOpen(): Promise<void> {
    let model: ChannelModel | undefined;
    // The connection may change while we are at it: begin again on the new one.
    while (this.channel === undefined && this.model !== model && !this.stopped) {
      model = this.model;
      this.openingSince = Date.now();
      if (model !== undefined) await this.openOn(model);
    }
  }

  private async openOn(model: ChannelModel): Promise<void> {
    let channel: C | undefined;
    try {
      channel = await this.options.create(model);
      await this.begin(channel);
    } catch (error) {
      if (channel !== undefined) void settled(channel.close(), closeTimeoutMs);
      this.failed(asError(clearly(error)));
    }
  }

  private async begin(channel: C): Promise<void> {
    let cause = 'channel closed';
    let isClosed = false;
    channel.on('error', (error) => (cause = asError(clearly(error)).message));
    channel.on('close', () => {
      isClosed = true;
      this.lost(channel, cause);
    });
    await this.options.prepare?.(channel);
    if (isClosed) throw new Error(cause);
    this.channel = channel;
    this.openedAt = Date.now();
    this.options.onOpen?.(channel);
  }

  private lost(channel: C, reason: string): void {
    if (this.channel !== channel) return;
    const lasted = Date.now() - this.openedAt > reopenMs.max;
    this.channel = undefined;
    this.problem = reason;
    this.failures = lasted ? 0 : this.failures + 1;
    this.options.onLost?.(channel, reason);
    this.reopenLater(reason);
  }

  private failed(error: Error): void {
    const { link, log, name } = this.options;
    this.problem = error.message;
    this.failures += 1;
    if (link.isUp && this.failures % 10 === 1) {
      log?.error('channel not opened', { channel: name, error: error.message });
    }
    this.reopenLater(undefined, error instanceof PermissionMissing);
  }

  private reopenLater(cause?: string, isForbidden = false): void {
    if (this.stopped) return;
    const growingMs = Math.min(reopenMs.first * 2 ** Math.min(this.failures, 10), reopenMs.max);
    const waitMs = isForbidden ? reopenMs.forbidden : growingMs;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const { link, log, name } = this.options;
      // With the link down, the next one opens it.
      if (this.channel !== undefined || !link.isUp) return;
      if (cause !== undefined) log?.warn('channel reopens', { channel: name, cause });
      void this.open();
    }, waitMs).unref();
  }
}
