import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { asError } from './errors';
import { declareQueue, type Handler } from './handler';
import type { Link } from './link';
import { settled, until } from './time';
import { prove, type Finding, type Subscription } from './liveness/prove';
import type { Log } from './log';

/** How a delivery ends. Safe to call on a channel that is gone: the broker redelivers. */
export interface Delivery {
  raw: ConsumeMessage;
  /** Since when its handler has it, epoch milliseconds; undefined while it waits for its batch. */
  heldSince?: number;
  ack: () => void;
  /** Back to its queue; counts towards the queue's delivery limit. */
  requeue: () => void;
  /** To whoever asked; at most once, as replies are. */
  reply: (content: Buffer, headers?: Record<string, unknown>) => void;
}

export interface ConsumerOptions {
  link: Link;
  log: Log;
  handler: Handler;
  prefetch: number;
  /** Handles one delivery and settles it. Must not throw. */
  take: (delivery: Delivery) => Promise<void>;
}

interface Session extends Subscription {
  /** Consumes no more, but acks of what is in flight still go through it. */
  retired: boolean;
  /** Beyond the prefetch: a consumer made anew has a prefetch of its own besides the old one's. */
  surplus: ConsumeMessage[];
}

const reopenMs = { first: 100, max: 2_000 };
const cancelTimeoutMs = 2_000;

/**
 * One handler's consumer on a channel of its own. Whatever ends it — the connection, a channel
 * error, the broker's cancel — it declares its queue and consumes again.
 */
export class Consumer {
  private session?: Session;
  private model?: ChannelModel;
  private opening = false;
  private openingSince = 0;
  private proving?: Promise<Finding>;
  private readonly held = new Set<Delivery>();
  private reopenTimer?: NodeJS.Timeout;
  private failures = 0;
  private stopped = false;
  private problem?: string = 'not connected yet';

  constructor(private readonly options: ConsumerOptions) {
    options.link.onUp((model) => {
      this.model = model;
      clearTimeout(this.reopenTimer);
      void this.open();
    });
  }

  get queue(): string {
    return this.options.handler.queue;
  }

  get handler(): Handler {
    return this.options.handler;
  }

  /** Why it does not consume at the moment; undefined when it does. */
  get notConsumingBecause(): string | undefined {
    return this.session === undefined ? (this.problem ?? 'not consuming') : undefined;
  }

  /** When the broker last showed that it has this very consumer, epoch milliseconds; 0: never. */
  get provenAt(): number {
    return this.session?.provenAt ?? 0;
  }

  /** Being proven, it may be without a consumer for a moment. */
  get isBeingProven(): boolean {
    return this.proving !== undefined;
  }

  /** So long it has waited for the broker to let it consume; 0 when it does not wait. */
  get openingForMs(): number {
    return this.opening ? Date.now() - this.openingSince : 0;
  }

  /** How long the handler has had the message it has had longest, in milliseconds; 0: none. */
  get heldForMs(): number {
    const now = Date.now();
    return Math.max(0, ...[...this.held].map(({ heldSince = now }) => now - heldSince));
  }

  /**
   * Has the broker show that it has this very consumer; one that it has lost is put back.
   * @returns undefined when it does not consume at the moment
   * @throws when the channel ends meanwhile; never settles while the broker does not answer
   */
  async prove(): Promise<Finding | undefined> {
    const { session } = this;
    if (session === undefined || this.stopped) return undefined;
    if (this.proving !== undefined) return this.proving;
    const isOver = () => this.stopped || session.retired;
    // Who deletes an exchange or a dead-letter queue takes a binding away, but ends no consumer.
    const proving = declareQueue(session.channel, this.handler)
      .then(() => prove(session, this.queue, this.receiver(session), isOver))
      .finally(() => {
        if (this.proving === proving) this.proving = undefined;
      });
    this.proving = proving;
    return proving;
  }

  /** Gives up a channel that does not answer, and consumes on a new one. */
  renew(reason: string): void {
    const { session } = this;
    if (session === undefined || this.stopped) return;
    this.proving = undefined;
    this.lost(session, reason);
    if (session.inFlight === 0) void settled(close(session), cancelTimeoutMs);
  }

  /** Takes nothing new from now on. */
  async cancel(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.reopenTimer);
    // It may be about to consume again under a new tag.
    if (this.proving !== undefined) await settled(this.proving, cancelTimeoutMs);
    const { session } = this;
    if (session?.consumerTag === undefined) return;
    await settled(session.channel.cancel(session.consumerTag), cancelTimeoutMs);
  }

  /** Resolves when everything started is settled, or after `timeoutMs`. @returns what is left */
  async drain(timeoutMs: number): Promise<number> {
    await until(() => this.held.size === 0, timeoutMs);
    return this.held.size;
  }

  private async open(): Promise<void> {
    const { model } = this;
    if (model === undefined || this.opening || this.stopped) return;
    this.opening = true;
    this.openingSince = Date.now();
    try {
      this.session = await this.consume(model);
      this.failures = 0;
      this.problem = undefined;
    } catch (error) {
      this.failed(asError(error));
    } finally {
      this.opening = false;
    }
    // The connection changed while we were at it: begin again on the new one.
    if (this.model !== model) void this.open();
  }

  private async consume(model: ChannelModel): Promise<Session> {
    const { handler, prefetch } = this.options;
    const channel = await model.createChannel();
    const session: Session = {
      channel,
      inFlight: 0,
      delivered: 0,
      provenAt: 0,
      retired: false,
      surplus: [],
    };
    channel.on('error', (error) => (this.problem = error.message));
    channel.on('close', () => this.lost(session));
    await declareQueue(channel, handler);
    await channel.prefetch(prefetch);
    const onMessage = this.receiver(session);
    const { consumerTag } = await channel.consume(handler.queue, onMessage, { noAck: false });
    session.consumerTag = consumerTag;
    session.provenAt = Date.now();
    if (session.retired) throw new Error(this.problem ?? 'cancelled by the broker');
    return session;
  }

  private receiver(session: Session): (raw: ConsumeMessage | null) => void {
    return (raw) => {
      if (raw === null) this.cancelledByBroker(session);
      else this.take(session, raw);
    };
  }

  private take(session: Session, raw: ConsumeMessage): void {
    session.delivered += 1;
    session.provenAt = Date.now();
    if (session.inFlight < this.options.prefetch) this.begin(session, raw);
    else session.surplus.push(raw);
  }

  private begin(session: Session, raw: ConsumeMessage): void {
    // What arrives between our cancel and its answer goes back when the channel closes.
    if (this.stopped || session.retired) return;
    session.inFlight += 1;
    const given = delivery(session.channel, raw);
    given.heldSince = Date.now();
    this.held.add(given);
    const end = () => {
      session.inFlight -= 1;
      this.held.delete(given);
      const next = session.surplus.shift();
      if (next !== undefined) this.begin(session, next);
      if (session.retired && session.inFlight === 0) void settled(close(session), cancelTimeoutMs);
    };
    this.options.take(given).then(end, (error: unknown) => {
      const fields = { handler: this.options.handler.name, error: asError(error).message };
      this.options.log.error('message not settled', fields);
      end();
    });
  }

  private cancelledByBroker(session: Session): void {
    this.problem = 'cancelled by the broker';
    session.retired = true;
    if (this.session === session) this.session = undefined;
    if (session.inFlight === 0) void settled(close(session), cancelTimeoutMs);
    if (this.stopped) return;
    this.reopenLater(this.problem);
  }

  private lost(session: Session, reason = 'channel closed'): void {
    session.retired = true;
    if (this.session !== session) return;
    this.session = undefined;
    this.problem ??= reason;
    if (this.stopped) return;
    this.reopenLater(this.problem);
  }

  private failed(error: Error): void {
    this.session = undefined;
    this.problem = error.message;
    if (this.stopped) return;
    this.failures += 1;
    if (this.options.link.isUp && this.failures % 10 === 1) {
      this.options.log.error('consumer not opened', { queue: this.queue, error: error.message });
    }
    this.reopenLater();
  }

  private reopenLater(cause?: string): void {
    const waitMs = Math.min(reopenMs.first * 2 ** Math.min(this.failures, 10), reopenMs.max);
    clearTimeout(this.reopenTimer);
    this.reopenTimer = setTimeout(() => {
      // With the link down, the next one opens it.
      if (this.session !== undefined || !this.options.link.isUp) return;
      if (cause !== undefined) {
        this.options.log.warning('consumer reopens', { queue: this.queue, cause });
      }
      void this.open();
    }, waitMs);
  }
}

/** What amqplib leaves untyped. */
interface Replyable {
  replyTo?: string;
  correlationId?: string;
}

function delivery(channel: Channel, raw: ConsumeMessage): Delivery {
  return {
    raw,
    ack: () => onOpen(() => channel.ack(raw)),
    requeue: () => onOpen(() => channel.reject(raw, true)),
    reply: (content, headers) => {
      const { replyTo, correlationId } = raw.properties as Replyable;
      if (replyTo === undefined) return;
      const options = { correlationId, headers, contentType: 'application/json' };
      onOpen(() => channel.publish('', replyTo, content, options));
    },
  };
}

// On a closed channel amqplib throws; the broker has the message back already and redelivers it.
function onOpen(operation: () => unknown): void {
  try {
    operation();
  } catch (error) {
    if (asError(error).name !== 'IllegalOperationError') throw error;
  }
}

async function close({ channel }: Session): Promise<void> {
  await channel.close();
}
