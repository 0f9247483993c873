import type { Channel, ChannelModel } from 'amqplib';
import { settled } from '../time';

export interface ExchangeShape {
  name: string;
  type: 'fanout' | 'topic' | 'direct';
  /** The exchange that gets what this one cannot route. */
  alternate?: string;
  args?: QueueArguments;
  /** True unless another library has made it otherwise. */
  durable?: false;
  /** Takes from other exchanges alone. */
  internal?: true;
  /** Somebody else declares it: only its being there is asked for. */
  passive?: true;
  atFirstUse?: true;
}

export type QueueArguments = Record<string, string | number | boolean>;

/** No queue is exclusive or deleted with its last consumer. */
export interface QueueShape {
  name: string;
  /** True unless another library has made the queue otherwise, which it still takes from. */
  durable?: false;
  /** Somebody else declares it: only its being there is asked for. */
  passive?: true;
  args: QueueArguments;
  /** Made at its first use: it may be missing before. */
  atFirstUse?: true;
}

export interface BindingShape {
  exchange: string;
  queue: string;
  key: string;
  args?: QueueArguments;
  atFirstUse?: true;
}

/** What comes to the one exchange goes on to the other, too. */
export interface ExchangeBindingShape {
  from: string;
  to: string;
  key: string;
  args?: QueueArguments;
}

/** A topology as data: declared, compared with the broker, and drawn. */
export interface Topology {
  exchanges: ExchangeShape[];
  queues: QueueShape[];
  bindings: BindingShape[];
  exchangeBindings?: ExchangeBindingShape[];
}

/** @throws what the broker says of the first thing that is there already and differs */
export async function declare(
  channel: Channel,
  { queues = [], exchanges = [], bindings = [], exchangeBindings = [] }: Partial<Topology>,
): Promise<void> {
  for (const { name, args, durable = true, passive } of queues) {
    if (passive) await channel.checkQueue(name);
    else await channel.assertQueue(name, { durable, arguments: args });
  }
  for (const one of exchanges) await declareExchange(channel, one);
  for (const { from, to, key, args } of exchangeBindings) {
    await channel.bindExchange(to, from, key, args);
  }
  for (const { queue, exchange, key, args } of bindings) {
    await channel.bindQueue(queue, exchange, key, args);
  }
}

async function declareExchange(channel: Channel, shape: ExchangeShape): Promise<void> {
  const { name, type, alternate: alternateExchange, args, passive } = shape;
  const { durable = true, internal } = shape;
  if (passive) return void (await channel.checkExchange(name));
  const options = { durable, internal, alternateExchange, arguments: args };
  await channel.assertExchange(name, type, options);
}

/** One thing of a topology. */
export interface Part {
  what: 'queue' | 'exchange' | 'binding';
  name: string;
  /** `queue <name>` */
  id: string;
  only: Partial<Topology>;
}

/** In the order in which they are declared. */
export function partsOf(topology: Partial<Topology>): Part[] {
  const { queues = [], exchanges = [], bindings = [], exchangeBindings = [] } = topology;
  const part = (what: Part['what'], name: string, only: Partial<Topology>): Part => {
    return { what, name, id: `${what} ${name}`, only };
  };
  return [
    ...queues.map((one) => part('queue', one.name, { queues: [one] })),
    ...exchanges.map((one) => part('exchange', one.name, { exchanges: [one] })),
    ...exchangeBindings.map((one) =>
      part('binding', `${one.from} → ${one.to}`, { exchangeBindings: [one] }),
    ),
    ...bindings.map((one) =>
      part('binding', `${one.exchange} → ${one.queue}`, { bindings: [one] }),
    ),
  ];
}

/** Asks whether a queue or exchange is there, with whatever arguments. */
export function isThere({ what, name }: Part): (channel: Channel) => Promise<unknown> {
  return async (channel) =>
    what === 'queue' ? channel.checkQueue(name) : channel.checkExchange(name);
}

/** All of them together, without duplicates. */
export function merge(topologies: Partial<Topology>[]): Topology {
  const unique = <T extends object>(items: T[]): T[] => [
    ...new Map(items.map((item) => [JSON.stringify(item), item])).values(),
  ];
  const between = topologies.flatMap(({ exchangeBindings = [] }) => exchangeBindings);
  return {
    exchanges: unique(topologies.flatMap(({ exchanges = [] }) => exchanges)),
    queues: unique(topologies.flatMap(({ queues = [] }) => queues)),
    bindings: unique(topologies.flatMap(({ bindings = [] }) => bindings)),
    ...(between.length > 0 ? { exchangeBindings: unique(between) } : {}),
  };
}

const closeTimeoutMs = 2_000;

/** On a channel of its own: a refusal closes it. */
export async function onChannel<T>(
  model: ChannelModel,
  work: (channel: Channel) => Promise<T>,
): Promise<T> {
  const channel = await model.createChannel();
  channel.on('error', () => undefined);
  try {
    return await work(channel);
  } finally {
    // A channel that the broker has closed cannot be closed again.
    await settled(channel.close(), closeTimeoutMs);
  }
}
