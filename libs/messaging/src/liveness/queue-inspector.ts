import type { Replies } from 'amqplib';
import { asError } from '../errors';
import { deadQueue, type Wiring } from '../handlers/handler';
import type { Link } from '../connection/link';
import { ReopeningChannel } from '../connection/reopening-channel';
import { bounded } from '../time';

/** What the broker says of a service's queues. */
export interface QueueView {
  /** When the asking began, epoch milliseconds. */
  askedAt: number;
  /** How many consumers each queue has, those of other replicas among them. */
  consumers: Map<string, number>;
  /** How many messages each dead-letter queue holds; null when the queue is not there. */
  deadLetters: Map<string, number | null>;
  /** Why a queue of a handler could not be asked. */
  problems: string[];
}

const answerTimeoutMs = 2_500;
/** However often it is asked, it asks the broker no more than twice a second. */
const freshMs = 500;

/**
 * Asks the broker about queues, on one channel of its own, one round at a time: a question that
 * comes while a round is under way waits for that one. So a broker that does not answer costs one
 * channel, however many ask; it ends with its connection.
 */
export class QueueInspector {
  private readonly channel: ReopeningChannel;
  private running?: Promise<QueueView>;
  private last?: QueueView;
  private answeredAt = 0;

  constructor(
    link: Link,
    private readonly handlers: () => Wiring[],
  ) {
    // Without a log: a queue that is not there closes the channel each time that it is asked about.
    const name = 'queue inspector';
    this.channel = new ReopeningChannel({ link, name, create: (model) => model.createChannel() });
    link.onUp(() => (this.last = undefined));
  }

  /** @throws NoAnswer after 2.5 s; an error when the connection is lost meanwhile */
  async ask(): Promise<QueueView> {
    if (this.last !== undefined && Date.now() - this.answeredAt < freshMs) return this.last;
    this.running ??= this.round().finally(() => (this.running = undefined));
    return bounded(this.running, answerTimeoutMs, 'the broker');
  }

  private async round(): Promise<QueueView> {
    const askedAt = Date.now();
    const problems: string[] = [];
    const view: QueueView = { askedAt, consumers: new Map(), deadLetters: new Map(), problems };
    for (const { queue, kind, partitionOf } of this.handlers()) {
      const ours = await this.check(queue);
      if (ours instanceof Error) problems.push(`${queue}: ${ours.message}`);
      else view.consumers.set(queue, ours.consumerCount);
      const deadLetters = deadQueue(partitionOf?.queue ?? queue);
      if (kind === 'rpc' || view.deadLetters.has(deadLetters)) continue;
      const dead = await this.check(deadLetters);
      view.deadLetters.set(deadLetters, dead instanceof Error ? null : dead.messageCount);
    }
    this.last = view;
    this.answeredAt = Date.now();
    return view;
  }

  /** @returns the error when the broker refuses to say */
  private async check(queue: string): Promise<Replies.AssertQueue | Error> {
    const channel = await this.channel.get();
    try {
      return await channel.checkQueue(queue);
    } catch (error) {
      // A missing queue closes the channel; without a code it was the connection that ended.
      const { code } = error as { code?: number };
      if (code === undefined) throw error;
      return asError(error);
    }
  }
}
