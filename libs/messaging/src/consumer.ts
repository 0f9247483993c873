import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { asError } from './errors';
import { declareQueue, type Handler } from './handler';
import { sleep, within, type Link } from './link';
import type { Log } from './log';

/** How a delivery ends. Safe to call on a channel that is gone: the broker redelivers. */
export interface Delivery {
  raw: ConsumeMessage;
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

interface Session {
  channel: Channel;
  consumerTag?: string;
  inFlight: number;
  /** Consumes no more, but acks of what is in flight still go through it. */
  retired: boolean;
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
  private reopenTimer?: NodeJS.Timeout;
  private failures = 0;
  private stopped = false;
  private started = 0;
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

  /** Why it does not consume at the moment; undefined when it does. */
  get notConsumingBecause(): string | undefined {
    return this.session === undefined ? (this.problem ?? 'not consuming') : undefined;
  }

  /** Takes nothing new from now on. */
  async cancel(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.reopenTimer);
    const { session } = this;
    if (session?.consumerTag === undefined) return;
    await within(cancelTimeoutMs, session.channel.cancel(session.consumerTag));
  }

  /** Resolves when everything started is settled, or after `timeoutMs`. @returns what is left */
  async drain(timeoutMs: number): Promise<number> {
    const deadline = Date.now() + timeoutMs;
    while (this.started > 0 && Date.now() < deadline) await sleep(5);
    return this.started;
  }

  private async open(): Promise<void> {
    const { model } = this;
    if (model === undefined || this.opening || this.stopped) return;
    this.opening = true;
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
    const session: Session = { channel, inFlight: 0, retired: false };
    channel.on('error', (error) => (this.problem = error.message));
    channel.on('close', () => this.lost(session));
    await declareQueue(channel, handler);
    await channel.prefetch(prefetch);
    const onMessage = (raw: ConsumeMessage | null) => {
      if (raw === null) this.cancelledByBroker(session);
      else this.take(session, raw);
    };
    const { consumerTag } = await channel.consume(handler.queue, onMessage, { noAck: false });
    session.consumerTag = consumerTag;
    if (session.retired) throw new Error(this.problem ?? 'cancelled by the broker');
    return session;
  }

  private take(session: Session, raw: ConsumeMessage): void {
    // What arrives between our cancel and its answer goes back when the channel closes.
    if (this.stopped || session.retired) return;
    session.inFlight += 1;
    this.started += 1;
    const settled = () => {
      session.inFlight -= 1;
      this.started -= 1;
      if (session.retired && session.inFlight === 0) void within(cancelTimeoutMs, close(session));
    };
    this.options.take(delivery(session.channel, raw)).then(settled, (error: unknown) => {
      this.options.log.error(`${this.options.handler.name}: ${asError(error).message}`);
      settled();
    });
  }

  private cancelledByBroker(session: Session): void {
    this.problem = 'cancelled by the broker';
    session.retired = true;
    if (this.session === session) this.session = undefined;
    if (session.inFlight === 0) void within(cancelTimeoutMs, close(session));
    if (this.stopped) return;
    this.reopenLater('consumer cancelled by the broker, consuming again');
  }

  private lost(session: Session): void {
    session.retired = true;
    if (this.session !== session) return;
    this.session = undefined;
    this.problem ??= 'channel closed';
    if (this.stopped) return;
    this.reopenLater(`channel lost (${this.problem}), consuming again`);
  }

  private failed(error: Error): void {
    this.session = undefined;
    this.problem = error.message;
    if (this.stopped) return;
    this.failures += 1;
    if (this.options.link.isUp && this.failures % 10 === 1) {
      this.options.log.error(`${this.queue}: cannot consume, trying again: ${error.message}`);
    }
    this.reopenLater();
  }

  private reopenLater(why?: string): void {
    const waitMs = Math.min(reopenMs.first * 2 ** Math.min(this.failures, 10), reopenMs.max);
    clearTimeout(this.reopenTimer);
    this.reopenTimer = setTimeout(() => {
      // With the link down, the next one opens it.
      if (this.session !== undefined || !this.options.link.isUp) return;
      if (why !== undefined) this.options.log.warning(`${this.queue}: ${why}`);
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
