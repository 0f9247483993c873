import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { sleep, until } from '../time';
import { deadLetterOf } from './dead-letter';

// A consumer may hold no more: the protocol counts its prefetch in 16 bits, and 0 is not
// "unlimited" for a quorum queue of RabbitMQ 3.
const heldByConsumerMax = 65_535;
const silenceMs = 5_000;
const returnTimeoutMs = 5_000;

/**
 * Every message of a dead-letter queue, held unacknowledged: the broker has no other way to look
 * through a queue. What is not acked goes back when this is closed or when its connection ends.
 */
export class Scan {
  private readonly tags: string[] = [];
  private seen = 0;
  private acked = 0;
  private problem?: Error;

  private constructor(
    private readonly channel: Channel,
    private readonly queue: string,
    private readonly visit: (raw: ConsumeMessage) => void,
  ) {
    channel.on('error', (error: Error) => (this.problem ??= error));
    channel.on('close', () => (this.problem ??= new Error('the channel was closed')));
  }

  /** Visits every message that is there now. @returns undefined when there is no such queue */
  static async open(
    model: ChannelModel,
    queue: string,
    visit: (raw: ConsumeMessage) => void,
  ): Promise<Scan | undefined> {
    const scan = new Scan(await model.createChannel(), queue, visit);
    try {
      await scan.run();
      return scan;
    } catch (error) {
      if ((error as { code?: number }).code === 404) return undefined;
      throw error;
    }
  }

  ack(raw: ConsumeMessage): void {
    this.channel.ack(raw);
    this.acked += 1;
  }

  /** Returns what was not acked, and waits until the broker has it in the queue again. */
  async close(): Promise<void> {
    const left = this.seen - this.acked;
    if (left > 0) this.channel.nackAll(true);
    if (this.acked > 0) await this.settleAcks();
    const deadline = Date.now() + returnTimeoutMs;
    while ((await this.waiting()) < left && Date.now() < deadline) await sleep(5);
    await this.channel.close();
  }

  /**
   * Beyond some 30 acks RabbitMQ keeps back what the queue has yet to confirm, and forgets it when
   * the channel ends: those dead letters would return. What is asked of the queue comes after the
   * first of them, and lets the others go.
   */
  private async settleAcks(): Promise<void> {
    const arrived = await this.channel.get(this.queue);
    if (arrived !== false) this.channel.nack(arrived);
  }

  private async run(): Promise<void> {
    await this.channel.prefetch(heldByConsumerMax);
    // It visits what arrives meanwhile too, but does not chase a queue that grows.
    for (let round = 0; round < 3; round += 1) {
      const waiting = await this.waiting();
      if (waiting === 0) break;
      await this.hold(this.seen + waiting);
    }
    for (const tag of this.tags) await this.channel.cancel(tag);
  }

  private async hold(target: number): Promise<void> {
    while (this.tags.length * heldByConsumerMax < target) {
      const take = (raw: ConsumeMessage | null) => this.take(raw);
      this.tags.push((await this.channel.consume(this.queue, take)).consumerTag);
    }
    const isOver = () => this.seen >= target || this.problem !== undefined;
    // It ends early when none comes for a while: some have expired, or were taken elsewhere.
    for (let before = -1; before < this.seen && !isOver();) {
      before = this.seen;
      await until(isOver, silenceMs);
    }
    if (this.problem !== undefined) throw this.problem;
  }

  private take(raw: ConsumeMessage | null): void {
    if (raw === null) {
      this.problem ??= new Error(`${this.queue}: cancelled by the broker`);
      return;
    }
    this.seen += 1;
    this.visit(raw);
  }

  private async waiting(): Promise<number> {
    return (await this.channel.checkQueue(this.queue)).messageCount;
  }
}

/**
 * How many dead letters there are of each id. Two messages without an id and with the same content
 * share one id, and are two dead letters all the same.
 */
export class Tally {
  private readonly counts = new Map<string, number>();
  total = 0;

  /** Of the dead letters that are in the queue now. */
  static async of(model: ChannelModel, deadQueue: string): Promise<Tally> {
    const tally = new Tally();
    const visit = (raw: ConsumeMessage) => tally.add(deadLetterOf(raw, deadQueue).id);
    await (await Scan.open(model, deadQueue, visit))?.close();
    return tally;
  }

  /** Takes one of them off. @returns false when none is left */
  take(id: string): boolean {
    const count = this.counts.get(id) ?? 0;
    if (count === 0) return false;
    this.counts.set(id, count - 1);
    this.total -= 1;
    return true;
  }

  add(id: string): void {
    this.counts.set(id, (this.counts.get(id) ?? 0) + 1);
    this.total += 1;
  }
}
