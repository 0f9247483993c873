import { connect, type ChannelModel } from 'amqplib';
import type { Duplex } from 'node:stream';
import { asError } from '../errors';
import type { Logger } from '@nestjs/common';
import { settled, sleep } from '../time';

export interface LinkOptions {
  url: string;
  /** Shown in the broker's list of connections. */
  name: string;
  log: Logger;
}

const connectTimeoutMs = 10_000;
const closeTimeoutMs = 2_000;
// A silent link is given up after two missed heartbeats.
const heartbeatSeconds = 10;
const backoffMs = { first: 100, max: 5_000 };

/**
 * One connection to the broker, kept up for ever: whenever it is lost it is made again, with
 * backoff and jitter. What lives on it is built by the listeners given to `onUp`, each time anew.
 */
export class Link {
  private readonly listeners: ((model: ChannelModel) => void)[] = [];
  private readonly stopping = new AbortController();
  private running?: Promise<void>;
  private model?: ChannelModel;
  private blockedBecause?: string;

  constructor(private readonly options: LinkOptions) {}

  get isUp(): boolean {
    return this.model !== undefined;
  }

  /** Why the broker takes nothing from us at the moment (a memory or disk alarm), if so. */
  get blocked(): string | undefined {
    return this.blockedBecause;
  }

  onUp(listener: (model: ChannelModel) => void): void {
    this.listeners.push(listener);
    if (this.model !== undefined) listener(this.model);
  }

  /** Ends the connection without asking the broker, which may not answer; a new one is made. */
  drop(reason: string): void {
    // An error on the socket is the one way amqplib gives up a connection without a goodbye.
    const { connection } = (this.model ?? {}) as { connection?: { stream?: Duplex } };
    connection?.stream?.destroy(new Error(reason));
  }

  /** Returns at once; the link comes up when the broker does. */
  start(): void {
    this.running ??= this.keepUp();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    const model = this.model;
    if (model !== undefined) await settled(model.close(), closeTimeoutMs);
    // A broker that is frozen does not even say goodbye.
    if (this.running !== undefined) await settled(this.running, closeTimeoutMs);
  }

  private get stopped(): boolean {
    return this.stopping.signal.aborted;
  }

  private async keepUp(): Promise<void> {
    let attempt = 0;
    while (!this.stopped) {
      try {
        const model = await this.open();
        if (attempt > 0) this.options.log.log('connected again', { connection: this.options.name });
        attempt = 0;
        await this.live(model);
      } catch (error) {
        // One line when an outage begins, then one for every tenth try: no flood.
        if (attempt % 10 === 0) {
          const fields = { connection: this.options.name, error: describe(error) };
          this.options.log.warn('broker not reached', fields);
        }
      }
      attempt += 1;
      if (!this.stopped) await this.pause(attempt);
    }
  }

  private async open(): Promise<ChannelModel> {
    return connect(withHeartbeat(this.options.url), {
      // Nagle's algorithm would hold every small frame back for up to 40 ms.
      noDelay: true,
      timeout: connectTimeoutMs,
      clientProperties: { connection_name: this.options.name },
    });
  }

  /** Resolves when the connection has ended, whatever ended it. */
  private async live(model: ChannelModel): Promise<void> {
    let cause: Error | undefined;
    const ended = new Promise<void>((resolve) => {
      model.on('error', (error) => (cause = error));
      model.on('close', () => resolve());
      // A broker that is stopping may close the link in the packet that opened it: before a
      // listener was there. Such a link gives no channel.
      const probed = model.createChannel().then((probe) => probe.close());
      probed.catch((error: unknown) => {
        cause ??= asError(error);
        resolve();
      });
    });
    model.on('blocked', (reason: string) => {
      this.blockedBecause = reason;
      const fields = { connection: this.options.name, cause: reason };
      this.options.log.warn('connection blocked by the broker', fields);
    });
    model.on('unblocked', () => {
      this.blockedBecause = undefined;
      const fields = { connection: this.options.name };
      this.options.log.log('connection unblocked by the broker', fields);
    });
    this.model = model;
    if (this.stopped) void settled(model.close(), closeTimeoutMs);
    else for (const listener of this.listeners) listener(model);
    await ended;
    this.model = undefined;
    this.blockedBecause = undefined;
    if (!this.stopped) {
      const fields = { connection: this.options.name, cause: cause?.message };
      this.options.log.warn('connection lost', fields);
    }
  }

  private async pause(attempt: number): Promise<void> {
    const ceiling = Math.min(backoffMs.first * 2 ** Math.min(attempt - 1, 10), backoffMs.max);
    await sleep(ceiling / 2 + (Math.random() * ceiling) / 2, this.stopping.signal);
  }
}

function withHeartbeat(url: string): string {
  const parsed = new URL(url);
  if (!parsed.searchParams.has('heartbeat')) {
    parsed.searchParams.set('heartbeat', String(heartbeatSeconds));
  }
  return parsed.href;
}

// Node gives a refused connection to several addresses as one error with an empty message.
function describe(thrown: unknown): string {
  const error = asError(thrown);
  const code = (error as NodeJS.ErrnoException).code;
  return error.message !== '' ? error.message : (code ?? error.name);
}
