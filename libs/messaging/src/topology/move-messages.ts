import type { ChannelModel, ConfirmChannel, ConsumeMessage } from 'amqplib';
import { PropertyList } from '../connection/property-list';
import { publishConfirmed } from '../connection/publish-frames';
import { sameMessage } from '../envelope';
import { asError } from '../errors';
import { bounded, settled, sleep, until } from '../time';

export interface MoveOptions {
  from: string;
  /** A fanout exchange: the message keeps its routing key, by which a retry tier returns it. */
  through: string;
  /** Ends the move early when so few are left; 0 when not given. */
  leave?: number;
  /** Ends the move early after that; not at all when not given. */
  withinMs?: number;
  signal: AbortSignal;
}

const prefetch = 500;
const pollMs = 50;
const keyMax = 255;
/** The broker is to answer, or to confirm something, in this time: a lock may wait for the move. */
const silenceMs = 15_000;
const closeTimeoutMs = 2_000;

/**
 * Moves the messages of a queue: each is published with a confirm and only then acked, so that one
 * that is interrupted is in either queue, or in both with the same id, but never in none.
 * @returns how many
 * @throws when the broker returns or refuses one: it and what follows stay where they were
 */
export async function moveMessages(model: ChannelModel, options: MoveOptions): Promise<number> {
  const channel = await model.createConfirmChannel();
  const move = new Move(channel, options);
  try {
    return await move.run();
  } finally {
    // What is unacked goes back to its queue.
    await settled(channel.close(), closeTimeoutMs);
  }
}

class Move {
  private moved = 0;
  private pending = 0;
  private failure?: Error;

  constructor(
    private readonly channel: ConfirmChannel,
    private readonly options: MoveOptions,
  ) {}

  async run(): Promise<number> {
    const { channel } = this;
    const { from, signal, leave = 0, withinMs = Infinity } = this.options;
    const deadline = Date.now() + withinMs;
    channel.on('error', (error) => (this.failure = asError(error)));
    channel.on('close', () => (this.failure ??= new Error(`${from}: the channel was closed`)));
    channel.on('return', () => {
      this.failure = new Error(`${from}: ${this.options.through} has no queue`);
    });
    await channel.prefetch(prefetch);
    const { consumerTag } = await channel.consume(from, (raw) => this.take(raw));
    for (;;) {
      this.throwFailure();
      signal.throwIfAborted();
      const answer = channel.checkQueue(from);
      const { messageCount } = await bounded(answer, silenceMs, `the broker about ${from}`);
      if (messageCount <= leave && (leave > 0 || this.pending === 0)) break;
      if (Date.now() > deadline) break;
      await sleep(pollMs, signal);
    }
    await bounded(channel.cancel(consumerTag), silenceMs, `the broker about ${from}`);
    for (let left = this.pending; left > 0; left = this.pending) {
      const isOver = () => this.pending < left || this.failure !== undefined;
      if (!(await until(isOver, silenceMs))) {
        throw new Error(`${from}: the broker has confirmed nothing for ${silenceMs} ms`);
      }
      this.throwFailure();
    }
    this.throwFailure();
    return this.moved;
  }

  private throwFailure(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  private take(raw: ConsumeMessage | null): void {
    if (raw === null) {
      this.failure = new Error(`${this.options.from} was deleted meanwhile`);
      return;
    }
    if (this.failure !== undefined) return;
    this.pending += 1;
    const { routingKey } = raw.fields;
    const confirmed = (error: unknown) => {
      this.pending -= 1;
      if (error !== null) this.failure ??= asError(error);
      if (this.failure !== undefined) return;
      this.moved += 1;
      this.channel.ack(raw);
    };
    try {
      // A key that is not UTF-8 has become longer, but a fanout exchange asks for none.
      const isKey = Buffer.byteLength(routingKey) <= keyMax;
      const place = { exchange: this.options.through, routingKey: isKey ? routingKey : '' };
      const properties = sameMessage(PropertyList.of(raw.properties), undefined);
      publishConfirmed(this.channel, place, raw.content, properties, confirmed);
    } catch (error) {
      this.pending -= 1;
      this.failure ??= asError(error);
    }
  }
}
