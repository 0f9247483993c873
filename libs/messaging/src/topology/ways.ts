import type { QueueArguments, Topology } from './topology';

/**
 * `simple`: a service declares what it needs, and names queues to the default exchange. `strict`:
 * all is declared beforehand, and each queue has an exchange of its own, so that a user's
 * permissions say which queues it reaches (docs/adr/0020).
 */
export type Mode = 'simple' | 'strict';

export interface Place {
  exchange: string;
  routingKey: string;
}

/** Begins a `reply_to` without a queue: the answer goes by the default exchange. */
export const directReplyTo = 'amq.rabbitmq.reply-to';

/** The exchange of the answers to rpc, in strict mode. */
export const replyExchange = 'replies';

/** The fanout exchange that leads to this queue alone, in strict mode. */
export function doorOf(queue: string): string {
  return `${queue}.in`;
}

/** The queue that this place leads to alone, else its exchange. */
export function nameOfPlace({ exchange, routingKey }: Place): string {
  return exchange === '' || exchange === doorOf(routingKey) ? routingKey : exchange;
}

/** How messages reach their queues, and on how many nodes these are kept. */
export class Ways {
  /**
   * @param service whose retry tiers these are
   * @param replicas of each queue and stream; as the broker has it when not given
   */
  constructor(
    readonly mode: Mode,
    private readonly service = '',
    private readonly replicas?: number,
  ) {}

  get isStrict(): boolean {
    return this.mode === 'strict';
  }

  /** A work, a question, a dead letter or a replay. */
  to(queue: string): Place {
    return { exchange: this.isStrict ? doorOf(queue) : '', routingKey: queue };
  }

  answer(replyTo: string): Place {
    return { exchange: this.isStrict ? replyExchange : '', routingKey: replyTo };
  }

  /** The queue of a retry tier, or another name beside them: shared by all, or the service's. */
  retry(name: string): string {
    return this.isStrict ? `${this.service}.retry.${name}` : `retry.${name}`;
  }

  /** Where a message enters a retry tier; the key names the queue that it returns to. */
  intoTier(tier: string, queue: string): Place {
    const name = this.retry(tier);
    return { exchange: this.isStrict ? doorOf(name) : name, routingKey: queue };
  }

  /** Begins the names of the queues in which it awaits answers. */
  get replyPrefix(): string {
    return `${this.service}.reply.`;
  }

  /** What a quorum queue is made with. */
  quorum(more: QueueArguments = {}): QueueArguments {
    return { 'x-queue-type': 'quorum', ...more, ...this.spread('x-quorum-initial-group-size') };
  }

  stream(more: QueueArguments = {}): QueueArguments {
    return { 'x-queue-type': 'stream', ...more, ...this.spread('x-initial-cluster-size') };
  }

  /**
   * A question is worth nothing after its deadline: a classic queue will do, which is away as long
   * as its node is. Where replicas are asked for, that node may be one of several.
   */
  question(more: QueueArguments): QueueArguments {
    return this.replicas === undefined ? {} : this.quorum(more);
  }

  /** The broker compares these too: all who declare a queue have to agree on them. */
  private spread(size: string): QueueArguments {
    if (this.replicas === undefined) return {};
    return { [size]: this.replicas, 'x-queue-leader-locator': 'balanced' };
  }

  /** What leads to these queues. */
  doors(...queues: string[]): Partial<Topology> {
    if (!this.isStrict) return {};
    return {
      exchanges: queues.map((queue) => ({ name: doorOf(queue), type: 'fanout' })),
      bindings: queues.map((queue) => ({ exchange: doorOf(queue), queue, key: '' })),
    };
  }
}

export const simpleWays = new Ways('simple');
