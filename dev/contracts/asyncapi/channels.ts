import {
  doorOf,
  fanoutType,
  keysExchange,
  replyExchange,
  slotCount,
  type Wiring,
} from '@tradepost/messaging';
import type { Contract, RpcContract } from '@tradepost/messaging/contract';
import { anyObject, isRpc, messageNames, replyNames, takenNames } from './messages';
import { bindingVersion, type Channel, ref } from './parts';

const place = (name: string) => ({ name, vhost: '/', durable: true, autoDelete: false }) as const;

export const channelKeys = {
  exchange: (name: string) => `exchange.${name}`,
  queue: (name: string) => `queue.${name}`,
  reply: (queue: string) => `reply.${queue}`,
};

const ways = 'the exchange that x-send-to has for the mode of the services';

const slot = `the CRC-32 of its UTF-8, modulo ${slotCount}`;

/** Where a contract's messages are sent to: the key of its channel. */
export function keyOfSent({ route }: Contract): string {
  return 'exchange' in route
    ? channelKeys.exchange(route.exchange)
    : channelKeys.queue(route.queue);
}

/** The channel of an exchange or a queue that messages of this contract are sent to. */
function sentTo(contract: Contract): Channel {
  const { route, name } = contract;
  if (route.kind === 'work' || route.kind === 'rpc') {
    const queue = queueOf(route.queue, [], messageNames(contract));
    if (!('key' in route)) return queue;
    const exchange = `\`${keysExchange(route.queue)}\``;
    const order = `Those of one \`${route.key}\` stay in order when they are sent to ${exchange}`;
    return { ...queue, description: `${queue.description} ${order} by ${slot}.` };
  }
  const { exchange } = route;
  const kind = route.kind === 'fanout' ? fanoutType(route) : route.kind;
  const keys = route.kind === 'topic' ? route.keys : undefined;
  const isKeyed = route.kind === 'fanout' && route.key !== undefined;
  const description = isKeyed ? `Of \`${route.key}\`, ${slot}.` : 'What it is about.';
  const parameters = { key: { description, ...(keys && { enum: keys }) } };
  return {
    address: kind === 'topic' ? '{key}' : '',
    title: `${exchange} (${kind})`,
    description:
      route.kind === 'topic'
        ? `Each queue that is bound by a pattern of the key gets a copy of ${name}.`
        : `Each service that listens has a queue of its own, which gets a copy of ${name}.`,
    messages: messagesOf(messageNames(contract)),
    ...(kind === 'topic' ? { parameters } : {}),
    bindings: {
      amqp: { is: 'routingKey', exchange: { ...place(exchange), type: kind }, bindingVersion },
    },
  };
}

/** The channel of a handler's queue. */
function takenFrom({ queue, bindings, contract }: Wiring): Channel {
  return queueOf(queue, bindings, contract === undefined ? [anyObject] : takenNames(contract));
}

function queueOf(name: string, bindings: Wiring['bindings'], messages: string[]): Channel {
  const bound = bindings.map(({ exchange, key }) => ({ exchange, routingKey: key }));
  return {
    address: name,
    title: name,
    description:
      bound.length === 0
        ? `A queue that messages are sent to by its name, through ${ways}.`
        : `A queue that is bound to ${bound.map(({ exchange }) => exchange).join(', ')}.`,
    messages: messagesOf(messages),
    ...(bound.length === 0 ? { 'x-send-to': sendTo(doorOf(name), name) } : {}),
    bindings: {
      amqp: {
        is: 'queue',
        queue: { ...place(name), exclusive: false },
        ...(bound.length > 0 ? { 'x-bindings': bound } : {}),
        bindingVersion,
      },
    },
  };
}

function sendTo(exchange: string, routingKey: string): Channel['x-send-to'] {
  return { strict: { exchange, routingKey }, simple: { exchange: '', routingKey } };
}

/** Answers go where the question says. */
function repliesOf(contract: RpcContract): Channel {
  return {
    address: null,
    title: `answers to ${contract.name}`,
    description: `The queue that reply_to of the question names, through ${ways}.`,
    messages: messagesOf(replyNames(contract)),
    'x-send-to': sendTo(replyExchange, '$message.header#/reply_to'),
  };
}

/** All channels, by their keys: what is sent to, what is taken from, what is answered to. */
export function channelsOf(
  sent: readonly Contract[],
  wirings: readonly Wiring[],
): Record<string, Channel> {
  const asked = [...sent, ...wirings.flatMap(({ contract }) => contract ?? [])].filter(isRpc);
  return merged([
    ...sent.map((one) => [keyOfSent(one), sentTo(one)] as const),
    ...wirings.map((one) => [channelKeys.queue(one.queue), takenFrom(one)] as const),
    ...asked.map((one) => [channelKeys.reply(one.route.queue), repliesOf(one)] as const),
  ]);
}

/** Versions of a contract have one way. */
function merged(channels: (readonly [key: string, Channel])[]): Record<string, Channel> {
  const all: Record<string, Channel> = {};
  for (const [key, channel] of channels) {
    all[key] = { ...channel, messages: { ...all[key]?.messages, ...channel.messages } };
  }
  return all;
}

function messagesOf(names: readonly string[]): Channel['messages'] {
  return Object.fromEntries(names.map((name) => [name, ref('components', 'messages', name)]));
}
