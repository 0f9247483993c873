import type { Channel, ChannelModel } from 'amqplib';
import { settled } from '../time';

export interface ExchangeShape {
  name: string;
  type: 'fanout' | 'topic' | 'direct';
  /** The exchange that gets what this one cannot route. */
  alternate?: string;
  args?: QueueArguments;
  atFirstUse?: true;
}

export type QueueArguments = Record<string, string | number | boolean>;

/** No queue is exclusive or deleted with its last consumer. */
export interface QueueShape {
  name: string;
  /** True unless another library has made the queue otherwise, which it still takes from. */
  durable?: false;
  args: QueueArguments;
  /** Made at its first use: it may be missing before. */
  atFirstUse?: true;
}

export interface BindingShape {
  exchange: string;
  queue: string;
  key: string;
  atFirstUse?: true;
}

/** A topology as data: declared, compared with the broker, and drawn. */
export interface Topology {
  exchanges: ExchangeShape[];
  queues: QueueShape[];
  bindings: BindingShape[];
}

/** @throws what the broker says of the first thing that is there already and differs */
export async function declare(
  channel: Channel,
  { queues = [], exchanges = [], bindings = [] }: Partial<Topology>,
): Promise<void> {
  for (const { name, args, durable = true } of queues) {
    await channel.assertQueue(name, { durable, arguments: args });
  }
  for (const { name, type, alternate: alternateExchange, args } of exchanges) {
    await channel.assertExchange(name, type, { durable: true, alternateExchange, arguments: args });
  }
  for (const { queue, exchange, key } of bindings) {
    await channel.bindQueue(queue, exchange, key);
  }
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
export function partsOf({ queues = [], exchanges = [], bindings = [] }: Partial<Topology>): Part[] {
  const part = (what: Part['what'], name: string, only: Partial<Topology>): Part => {
    return { what, name, id: `${what} ${name}`, only };
  };
  return [
    ...queues.map((one) => part('queue', one.name, { queues: [one] })),
    ...exchanges.map((one) => part('exchange', one.name, { exchanges: [one] })),
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
  return {
    exchanges: unique(topologies.flatMap(({ exchanges = [] }) => exchanges)),
    queues: unique(topologies.flatMap(({ queues = [] }) => queues)),
    bindings: unique(topologies.flatMap(({ bindings = [] }) => bindings)),
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
