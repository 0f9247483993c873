import type { RabbitMQExchangeConfig, RabbitMQQueueConfig } from '@golevelup/nestjs-rabbitmq';
import type { MessageHandlerOptions } from '@golevelup/nestjs-rabbitmq';
import type {
  BindingShape,
  ExchangeShape,
  QueueArguments,
  QueueShape,
  Topology,
} from '../topology/topology';
import { WiringError } from '../wiring-error';
import { merge } from '../topology/topology';
import { shapeFrom } from '../topology/shape-from';
import type { Problem, RabbitMQOptions } from './config';

type Options = Record<string, unknown>;

/** Exchanges, queues and bindings of a configuration, as golevelup declares them. */
export class Places {
  readonly problems: Problem[] = [];
  private readonly exchanges = new Map<string, ExchangeShape>();
  private readonly queues = new Map<string, QueueShape>();
  private readonly bindings: BindingShape[] = [];

  constructor(private readonly config: RabbitMQOptions) {
    for (const one of config.exchanges ?? []) this.exchanges.set(one.name, this.exchangeOf(one));
    for (const one of config.queues ?? []) this.add(one);
  }

  /** What is declared besides that of the handlers. */
  get all(): Topology {
    const exchangeBindings = (this.config.exchangeBindings ?? []).map((one) => {
      const { source: from, destination: to, pattern: key } = one;
      return { from, to, key, args: one.args as QueueArguments | undefined };
    });
    return merge([
      {
        exchanges: [...this.exchanges.values()],
        queues: [...this.queues.values()],
        bindings: this.bindings,
        exchangeBindings,
      },
    ]);
  }

  /** What a message to it needs to be there; one that nobody has named must be there already. */
  exchange(name: string): Partial<Topology> | undefined {
    return name === '' ? undefined : { exchanges: [this.shapeOf(name)] };
  }

  /** Of an exchange that the outbox is to make when it is gone. @throws WiringError */
  typeOf(name: string): ExchangeShape['type'] {
    if (name === '') return 'direct';
    const { type, passive } = this.shapeOf(name);
    if (passive) throw new WiringError(`exchanges: name "${name}" there, with its type`);
    return type;
  }

  /** Of a queue that takes the messages of a handler. */
  queue(name: string, { queueOptions = {}, ...options }: MessageHandlerOptions): QueueShape {
    const { createQueueIfNotExists = true } = options;
    const configured = this.queues.get(name);
    if (!createQueueIfNotExists) return configured ?? { name, args: {}, passive: true };
    return { name, ...shapeFrom(queueOptions) };
  }

  boundBy(queue: string, options: MessageHandlerOptions): Partial<Topology> {
    const args = options.queueOptions?.bindQueueArguments as QueueArguments | undefined;
    const bindings = bindingsOf(queue, options, args);
    const exchanges = bindings.map(({ exchange }) => this.shapeOf(exchange));
    return { exchanges, bindings };
  }

  private add(configured: RabbitMQQueueConfig): void {
    const { name, createQueueIfNotExists = true, options = {} } = configured;
    const label = `queues.${name}`;
    this.problems.push(...queueProblems(label, options));
    if (configured.consumerTag !== undefined) {
      this.problems.push([`${label}.consumerTag`, tagChanges]);
    }
    const shape = createQueueIfNotExists
      ? shapeFrom(options)
      : { args: {}, passive: true as const };
    this.queues.set(name, { name, ...shape });
    const args = configured.bindQueueArguments as QueueArguments | undefined;
    this.bindings.push(...bindingsOf(name, configured, args));
  }

  private exchangeOf(configured: RabbitMQExchangeConfig): ExchangeShape {
    const { name, createExchangeIfNotExists = true, options = {} } = configured;
    const { defaultExchangeType = 'topic' } = this.config;
    const { type = defaultExchangeType } = configured;
    if (!createExchangeIfNotExists) return { name, type: 'topic', passive: true };
    if (type !== 'topic' && type !== 'fanout' && type !== 'direct') {
      const option = configured.type === undefined ? 'defaultExchangeType' : 'type';
      const path = option === 'type' ? `exchanges.${name}.type` : option;
      this.problems.push([path, 'give "topic", "fanout" or "direct"']);
      return { name, type: 'topic' };
    }
    if (options.autoDelete) {
      const why = 'it would go with its last binding, and messages to it would find nothing';
      this.problems.push([`exchanges.${name}.options.autoDelete`, why]);
    }
    return {
      name,
      type,
      alternate: options.alternateExchange,
      args: options.arguments as QueueArguments | undefined,
      ...(options.durable === false ? { durable: false } : {}),
      ...(options.internal ? { internal: true } : {}),
    };
  }

  private shapeOf(name: string): ExchangeShape {
    return this.exchanges.get(name) ?? { name, type: 'topic', passive: true };
  }
}

export const tagChanges =
  'the tag changes whenever the consumer is made anew; name the service instead';

/** @param path of the options, as an error names it */
export function queueProblems(path: string, options: object): Problem[] {
  const { exclusive, autoDelete, arguments: args } = options as Options;
  const problems: Problem[] = [];
  if (exclusive) problems.push([`${path}.exclusive`, 'it would go with its connection']);
  if (autoDelete) problems.push([`${path}.autoDelete`, 'it would go with its last consumer']);
  if ((args as Options | undefined)?.['x-queue-type'] === 'stream') {
    problems.push([
      `${path}.arguments.x-queue-type`,
      'a stream keeps what is acked: give "quorum"',
    ]);
  }
  return problems;
}

type Bound = Pick<MessageHandlerOptions, 'exchange' | 'routingKey' | 'bindings'>;

function bindingsOf(queue: string, options: Bound, args?: QueueArguments): BindingShape[] {
  const { exchange, routingKey, bindings = [] } = options;
  const keys = routingKey === undefined ? [] : [routingKey].flat();
  const own = exchange ? keys.map((key) => ({ exchange, queue, key, args })) : [];
  const more = bindings.map((one) => {
    return { exchange: one.exchange, queue, key: one.routingKey, args };
  });
  return [...own, ...more];
}
