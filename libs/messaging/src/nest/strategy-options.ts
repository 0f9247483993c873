import type { RmqOptions } from '@nestjs/microservices';
import { WiringError } from '../wiring-error';
import type { Binding, Wiring } from '../handlers/handler';
import { defaultRetry, type Tier } from '../consume/retry-tiers';
import type { Database } from '../outbox/database';
import type { Target } from '../publish/publisher';
import { shapeFrom } from '../topology/shape-from';

type StockOptions = NonNullable<RmqOptions['options']>;

/** Those of Nest's RabbitMQ transport; docs/MIGRATING.md says what became of each. */
export interface StrategyOptions extends StockOptions {
  /** Named in logs, and as `appId` of what is said; the queue's name when not given. */
  service?: string;
  /** The waits between tries of an event; after the last it is dead-lettered. */
  retry?: readonly Tier[];
  /** How long a shutdown waits for handlers to finish, in milliseconds; 5,000 when not given. */
  drainTimeoutMs?: number;
  /** A consumer with no sign of itself for so long is checked; 10,000 when not given. */
  consumerCheckMs?: number;
  /** A message in a handler's hands for longer makes it unready; 60,000 when not given. */
  heldMaxMs?: number;
}

/** Those of Nest's RabbitMQ client. */
export interface ClientOptions extends StockOptions {
  /** `appId` of what is said; the queue's name when not given. */
  service?: string;
  /** How long a confirm, and each answer, may take, in milliseconds; 5,000 when not given. */
  timeoutMs?: number;
  /** Where `emitIn` writes, of a service whose `MessagingModule` has none. */
  database?: Database;
}

/** What would lose messages, or cannot be had, and why. */
const refusedOptions: [name: string, isRefused: (options: StockOptions) => boolean, why: string][] =
  [
    [
      'queue',
      ({ queue = '' }) => queue === '',
      'name the queue: a nameless one goes with its connection',
    ],
    [
      'queueOptions.exclusive',
      ({ queueOptions }) => queueOptions?.exclusive === true,
      'the queue would go with its connection, and its messages too',
    ],
    [
      'queueOptions.autoDelete',
      ({ queueOptions }) => queueOptions?.autoDelete === true,
      'the queue would go with its last consumer, and its messages too',
    ],
    [
      'exchangeType',
      ({ exchangeType = 'topic' }) => !isKnownType(exchangeType),
      'give "topic", "fanout" or "direct"',
    ],
    [
      'consumerTag',
      ({ consumerTag }) => consumerTag !== undefined,
      'the tag changes whenever the consumer is made anew; name the service instead',
    ],
    [
      'socketOptions.findServers',
      ({ socketOptions }) => socketOptions?.findServers !== undefined,
      'give the address of the broker in urls',
    ],
  ];

/** @throws WiringError */
export function typeOf({ exchangeType: type = 'topic' }: StockOptions): Binding['type'] {
  if (isKnownType(type)) return type;
  throw new WiringError(`exchangeType: ${type}`);
}

function isKnownType(type: string): type is Binding['type'] {
  return type === 'topic' || type === 'fanout' || type === 'direct';
}

/** @throws WiringError an option that is refused, by its name */
export function refuse(options: StockOptions, isClient = false): void {
  // A client of an exchange needs no queue.
  const isNamed = isClient && options.exchange !== undefined;
  const refused = refusedOptions.filter(
    ([name, isRefused]) => isRefused(options) && !(isNamed && name === 'queue'),
  );
  if (refused.length === 0) return;
  const lines = refused.map(([name, , why]) => `  ${name}: ${why}`);
  throw new WiringError(['options that cannot keep the guarantee:', ...lines].join('\n'));
}

/** The queue as the stock transport declares it, so that both can take from it. */
function shapeOf({ queueOptions = {} }: StockOptions): NonNullable<Wiring['shape']> {
  return shapeFrom(queueOptions);
}

/** @param patterns of the handlers, which bind the queue where they may be wildcards */
export function wiringOf(options: StrategyOptions, patterns: readonly string[]): Wiring {
  const { queue = '', service = queue, retry = defaultRetry } = options;
  const shape = shapeOf(options);
  const bindings = bindingsOf(options, patterns);
  return { name: service, kind: 'work', queue, bindings, retry, shape };
}

function bindingsOf(options: StockOptions, patterns: readonly string[]): Binding[] {
  const { queue = '', exchange = queue, exchangeType = 'topic', wildcards, routingKey } = options;
  if (options.exchange === undefined && !wildcards) return [];
  const args = options.exchangeArguments;
  const to = (key: string): Binding[] =>
    isKnownType(exchangeType) ? [{ exchange, type: exchangeType, key, args }] : [];
  return [
    ...(exchangeType === 'fanout' ? to('') : to(routingKey ?? '').filter(({ key }) => key !== '')),
    ...(wildcards ? patterns.flatMap(to) : []),
  ];
}

/** Where the client's messages go, and what the stock client would declare first. */
export function targetOf(options: StockOptions, pattern: string): Target {
  const { queue = '', exchange = queue, routingKey } = options;
  const type = typeOf(options);
  const exchanges = [{ name: exchange, type, args: options.exchangeArguments }];
  if (options.wildcards || type === 'fanout') {
    return { exchange, routingKey: pattern, needs: { exchanges } };
  }
  const noAssert = options.noAssert ?? options.queueOptions?.['noAssert'] === true;
  const queues = noAssert ? [] : [{ name: queue, ...shapeOf(options) }];
  const isBound = options.exchange !== undefined && routingKey !== undefined;
  const needs = isBound
    ? { queues, exchanges, bindings: [{ exchange, queue, key: routingKey }] }
    : { queues };
  return { exchange: '', routingKey: queue, needs };
}

type StockUrl = NonNullable<StockOptions['urls']>[number];

/** Of each node. */
export function urlsOf({ urls = [] }: StockOptions): string[] {
  return urls.length === 0 ? ['amqp://localhost'] : urls.map(urlOf);
}

export function urlOf(url: StockUrl): string {
  if (typeof url === 'string') return url;
  const { protocol = 'amqp', hostname = 'localhost', port, username, password, vhost } = url;
  const { heartbeat } = url;
  const user =
    username === undefined
      ? ''
      : `${encodeURIComponent(username)}:${encodeURIComponent(password ?? '')}@`;
  const host = port === undefined ? hostname : `${hostname}:${port}`;
  const path = vhost === undefined || vhost === '/' ? '' : `/${encodeURIComponent(vhost)}`;
  const query = heartbeat === undefined ? '' : `?heartbeat=${heartbeat}`;
  return `${protocol}://${user}${host}${path}${query}`;
}
