import type { ChannelModel } from 'amqplib';
import { asError } from '../errors';
import type { Logger } from '@nestjs/common';
import { Declarations } from '../topology/declarations';
import type { Topology } from '../topology/topology';
import { settled, sleep } from '../time';
import { dropConnection, nodeOf, openConnection, sayGoodbye, type SocketOptions } from './connect';
import type { BrokerUrl } from './nodes';

export interface LinkOptions {
  url: BrokerUrl;
  socketOptions?: SocketOptions;
  /** Shown in the broker's list of connections. */
  name: string;
  log: Logger;
  /** Shared by the links of a process: what cannot be checked is said once. */
  declarations?: Declarations;
}

const closeTimeoutMs = 2_000;
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
  private readonly declarations: Declarations;

  constructor(private readonly options: LinkOptions) {
    this.declarations = options.declarations ?? new Declarations(options.log);
  }

  get isUp(): boolean {
    return this.model !== undefined;
  }

  /** The host and port of the node that it leads to, while it is up. */
  get node(): string | undefined {
    return this.model && nodeOf(this.model);
  }

  /** Why the broker takes nothing from us at the moment (a memory or disk alarm), if so. */
  get blocked(): string | undefined {
    return this.blockedBecause;
  }

  onUp(listener: (model: ChannelModel) => void): void {
    this.listeners.push(listener);
    if (this.model !== undefined) listener(this.model);
  }

  /**
   * Declares on channels of their own what is not there.
   * @throws PermissionMissing; what the broker says of what differs; an error when it is away
   */
  async declare(topology: Partial<Topology>): Promise<void> {
    if (this.model === undefined) throw new Error('not connected');
    await this.declarations.declare(this.model, topology);
  }

  /** Ends the connection without asking the broker, which may not answer; a new one is made. */
  drop(reason: string): void {
    if (this.model !== undefined) dropConnection(this.model, new Error(reason));
  }

  /** Returns at once; the link comes up when the broker does. */
  start(): void {
    this.running ??= this.keepUp();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    const model = this.model;
    if (model !== undefined) await sayGoodbye(model);
    // A broker that is frozen does not even say goodbye.
    if (this.running !== undefined) await settled(this.running, closeTimeoutMs);
  }

  private get stopped(): boolean {
    return this.stopping.signal.aborted;
  }

  private async keepUp(): Promise<void> {
    const { url, name, log, socketOptions } = this.options;
    let attempt = 0;
    while (!this.stopped) {
      try {
        const model = await openConnection(url, name, socketOptions);
        if (attempt > 0) log.log('connected again', { connection: name, node: nodeOf(model) });
        attempt = 0;
        await this.live(model);
      } catch (error) {
        // One line when an outage begins, then one for every tenth try: no flood.
        if (attempt % 10 === 0) {
          log.warn('broker not reached', { connection: name, error: describe(error) });
        }
      }
      attempt += 1;
      if (!this.stopped) await this.pause(attempt);
    }
  }

  /** Resolves when the connection has ended, whatever ended it. */
  private async live(model: ChannelModel): Promise<void> {
    const { name: connection, log } = this.options;
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
      log.warn('connection blocked by the broker', { connection, cause: reason });
    });
    model.on('unblocked', () => {
      this.blockedBecause = undefined;
      log.log('connection unblocked by the broker', { connection });
    });
    this.model = model;
    if (this.stopped) void sayGoodbye(model);
    else for (const listener of this.listeners) listener(model);
    await ended;
    this.model = undefined;
    this.blockedBecause = undefined;
    if (!this.stopped)
      log.warn('connection lost', { connection, node: nodeOf(model), cause: cause?.message });
  }

  private async pause(attempt: number): Promise<void> {
    const ceiling = Math.min(backoffMs.first * 2 ** Math.min(attempt - 1, 10), backoffMs.max);
    await sleep(ceiling / 2 + (Math.random() * ceiling) / 2, this.stopping.signal);
  }
}

// Node gives a refused connection to several addresses as one error with an empty message.
function describe(thrown: unknown): string {
  const error = asError(thrown);
  const code = (error as NodeJS.ErrnoException).code;
  return error.message !== '' ? error.message : (code ?? error.name);
}
