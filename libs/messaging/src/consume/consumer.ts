import type { Channel, ConsumeMessage } from 'amqplib';
import { asError } from '../errors';
import { queueTopology, type Wiring } from '../handlers/handler';
import type { Link } from '../connection/link';
import { PermissionMissing } from '../permission-missing';
import { isRefusal } from '../topology/asking';
import { bounded, settled, until } from '../time';
import { checkConsumer, subscribe, type Finding } from '../liveness/check-consumer';
import type { Logger } from '@nestjs/common';
import type { Ways } from '../topology/ways';
import { Acks } from './acks';
import { deliveryOf, type Delivery } from './delivery';
import { close, closeIfDone, type Session } from './session';
import { ReopeningChannel } from '../connection/reopening-channel';

export interface ConsumerOptions {
  link: Link;
  log: Logger;
  handler: Wiring;
  prefetch: number;
  ways?: Ways;
  /** Handles one delivery and settles it. Must not throw. */
  process: (delivery: Delivery) => Promise<void>;
}

const cancelTimeoutMs = 2_000;
const cancelled = 'cancelled by the broker';

/**
 * One handler's consumer on a channel of its own. Whatever ends it — the connection, a channel
 * error, the broker's cancel — it declares its queue and consumes again.
 */
export class Consumer {
  readonly channel: ReopeningChannel;
  private session?: Session;
  private checking?: Promise<Finding>;
  private readonly held = new Set<Delivery>();
  private stopped = false;
  private paused = false;
  private turning: Promise<void> = Promise.resolve();

  constructor(private readonly options: ConsumerOptions) {
    const { link, log, handler } = options;
    this.channel = new ReopeningChannel({
      link,
      log,
      name: handler.queue,
      create: (model) => model.createChannel(),
      prepare: (channel) => this.consume(channel),
      onLost: () => this.retire(this.session),
    });
  }

  get queue(): string {
    return this.options.handler.queue;
  }

  get prefetch(): number {
    return this.options.prefetch;
  }

  get handler(): Wiring {
    return this.options.handler;
  }

  /** When the broker last showed that it has this very consumer, epoch milliseconds; 0: never. */
  get lastSeenAt(): number {
    return this.session?.lastSeenAt ?? 0;
  }

  get isPaused(): boolean {
    return this.paused;
  }

  /** Messages that it has taken and not settled. */
  get inHand(): number {
    return this.held.size;
  }

  /** Being checked, it may be without a consumer for a moment. */
  get isBeingChecked(): boolean {
    return this.checking !== undefined;
  }

  /** How long the handler has had the message it has had longest, in milliseconds; 0: none. */
  get heldForMs(): number {
    const now = Date.now();
    const held = [...this.held].flatMap((one) => one.parts ?? [one]);
    return held.reduce((most, { heldSince = now }) => Math.max(most, now - heldSince), 0);
  }

  /**
   * Has the broker show that it has this very consumer; one that it has lost is put back.
   * @returns undefined when it does not consume at the moment
   * @throws when the channel ends meanwhile; never settles while the broker does not answer
   */
  async check(): Promise<Finding | undefined> {
    const { session } = this;
    if (session === undefined || this.paused) return undefined;
    if (this.checking !== undefined) return this.checking;
    const { handler } = this;
    // A deleted exchange or dead-letter queue takes its binding away, but ends no consumer.
    const checking = this.declare()
      .catch((error: unknown) => {
        // It will be refused when it consumes anew, and say so until it is mended.
        const isRefused = isRefusal(error) || error instanceof PermissionMissing;
        if (isRefused) this.renew(error.message);
        throw error;
      })
      .then(() => {
        const isOver = () => this.stopped || this.paused || session.retired;
        return checkConsumer(session, handler, this.receiver(session), isOver);
      })
      .finally(() => {
        if (this.checking === checking) this.checking = undefined;
      });
    this.checking = checking;
    return checking;
  }

  /** Gives up a channel that does not answer, and consumes on a new one. */
  renew(reason: string): void {
    this.checking = undefined;
    this.channel.replace(reason);
  }

  /**
   * Takes nothing new until `resume`, also on a new connection; what it has it finishes.
   * @throws NoAnswer the broker has not confirmed it; it takes nothing more all the same
   */
  async pause(): Promise<void> {
    this.paused = true;
    if (this.handsOver) return this.channel.replace('paused');
    await this.turn(async () => {
      await settled(Promise.resolve(this.checking), cancelTimeoutMs);
      const { session } = this;
      if (!this.paused || session?.consumerTag === undefined) return;
      const { channel, consumerTag } = session;
      session.consumerTag = undefined;
      await this.answered(channel.cancel(consumerTag));
    });
  }

  /** @throws NoAnswer the broker has not confirmed it; it will consume on a new channel */
  async resume(): Promise<void> {
    this.paused = false;
    await this.turn(async () => {
      const { session, handler } = this;
      if (this.paused || session === undefined || session.consumerTag !== undefined) return;
      const tag = await this.answered(subscribe(session, handler, this.receiver(session)));
      session.consumerTag = tag;
      session.lastSeenAt = Date.now();
    });
  }

  // One after the other: each finds what the one before has made.
  private async turn(work: () => Promise<void>): Promise<void> {
    const turned = this.turning.then(work);
    this.turning = turned.catch(() => undefined);
    await turned;
  }

  private async answered<T>(answer: Promise<T>): Promise<T> {
    try {
      return await bounded(answer, cancelTimeoutMs, 'the broker');
    } catch (error) {
      this.renew(asError(error).message);
      throw error;
    }
  }

  /** Whether messages come to it: of the consumers of a partition the broker serves one. */
  get hasTurn(): boolean {
    return (this.session?.delivered ?? 0) > 0;
  }

  /** Ends its turn: what it has in hand it finishes, then another replica has the partition. */
  handOver(reason: string): void {
    this.channel.replace(reason);
  }

  // To cancel it would have the broker serve another one at once, with messages of the keys that
  // are in hand here. When the channel closes, all in hand is done or comes back in its order.
  private get handsOver(): boolean {
    return this.handler.partitionOf !== undefined;
  }

  /** Takes nothing new from now on. */
  async cancel(): Promise<void> {
    this.stopped = true;
    this.channel.stop();
    if (this.handsOver) return this.retire(this.session);
    // It may be about to consume again under a new tag.
    await settled(Promise.resolve(this.checking), cancelTimeoutMs);
    const { session } = this;
    if (session?.consumerTag === undefined) return;
    await settled(session.channel.cancel(session.consumerTag), cancelTimeoutMs);
  }

  /** Resolves when everything started is settled, or after `timeoutMs`. @returns what is left */
  async drain(timeoutMs: number): Promise<number> {
    await until(() => this.held.size === 0, timeoutMs);
    const { session } = this;
    if (session !== undefined && session.inFlight === 0) await close(session);
    return this.held.size;
  }

  private async declare(): Promise<void> {
    const { link, ways } = this.options;
    await link.declare(queueTopology(this.handler, ways));
  }

  private async consume(channel: Channel): Promise<void> {
    const { handler, prefetch } = this.options;
    const session: Session = {
      channel,
      acks: new Acks(channel, (error) => this.notSettled(error)),
      inFlight: 0,
      delivered: 0,
      lastSeenAt: 0,
      retired: false,
      surplus: [],
    };
    await this.declare();
    await channel.prefetch(prefetch);
    if (!this.paused) {
      session.consumerTag = await subscribe(session, handler, this.receiver(session));
      session.lastSeenAt = Date.now();
    }
    if (session.retired) throw new Error(cancelled);
    this.session = session;
    // It was paused or resumed meanwhile.
    if (this.paused !== (session.consumerTag === undefined)) void this.catchUp();
  }

  private async catchUp(): Promise<void> {
    const { log, handler } = this.options;
    await (this.paused ? this.pause() : this.resume()).catch((error: unknown) => {
      log.warn('consumer not as asked', { queue: handler.queue, error: asError(error).message });
    });
  }

  private receiver(session: Session): (raw: ConsumeMessage | null) => void {
    return (raw) => {
      if (raw === null) this.cancelled(session);
      else this.take(session, raw);
    };
  }

  private take(session: Session, raw: ConsumeMessage): void {
    session.acks.took(raw);
    session.delivered += 1;
    session.lastSeenAt = Date.now();
    if (session.inFlight < this.options.prefetch) this.begin(session, raw);
    else session.surplus.push(raw);
  }

  private begin(session: Session, raw: ConsumeMessage): void {
    // What arrives between our cancel and its answer goes back when the channel closes.
    if (this.stopped || session.retired) return;
    session.inFlight += 1;
    const given = deliveryOf(session, raw, this.options.ways);
    this.held.add(given);
    const end = () => {
      session.inFlight -= 1;
      this.held.delete(given);
      const next = session.surplus.shift();
      if (next !== undefined) this.begin(session, next);
      if (session.retired) closeIfDone(session);
    };
    this.options.process(given).then(end, (error: unknown) => {
      this.notSettled(asError(error));
      end();
    });
  }

  private notSettled({ message }: Error): void {
    const { log, handler } = this.options;
    log.error('message not settled', { handler: handler.name, error: message });
  }

  private cancelled(session: Session): void {
    if (this.session === session) this.channel.replace(cancelled);
    else this.retire(session);
  }

  private retire(session: Session | undefined): void {
    if (session === undefined) return;
    session.retired = true;
    if (this.session === session) this.session = undefined;
    closeIfDone(session);
  }
}
