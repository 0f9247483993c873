import type { Mode } from '@tradepost/messaging';
import type { TestBroker } from '@tradepost/messaging/testing';
import type { Channel, Message, Operation } from '../asyncapi/parts';
import type { Schema } from '../schema';
import { type AsyncApi, follow, messagesIn } from './document';

type Example = Message['examples'][number];

/** Something to publish, as the document alone says. */
export interface Driven {
  exchange: string;
  key: string;
  /** The queues that it has to come to. */
  queues: string[];
  message: Message;
  example: Example;
  properties: Record<string, unknown>;
}

/** Each example of each message that is sent, by each key of its channel, in a mode of the services. */
export function drivenBy(document: AsyncApi, operation: Operation, mode: Mode): Driven[] {
  const channel = follow<Channel>(document, operation.channel);
  return messagesIn(document, operation.messages).flatMap((message) =>
    placesOf(channel, mode).flatMap((place) =>
      message.examples.map((example) => ({
        ...place,
        queues: queuesOf(document, place, mode),
        message,
        example,
        properties: propertiesOf(document, { message, operation, example }),
      })),
    ),
  );
}

function placesOf(channel: Channel, mode: Mode): { exchange: string; key: string }[] {
  const { address, bindings, parameters, 'x-send-to': places } = channel;
  if (places) return [{ exchange: places[mode].exchange, key: places[mode].routingKey }];
  const amqp = bindings?.amqp;
  if (amqp?.is !== 'routingKey') throw new Error(`${address} does not say where it is sent to`);
  const keys = parameters?.['key']?.enum ?? [''];
  const exchange = amqp.exchange.name;
  return keys.map((key) => ({ exchange, key: (address ?? '').replace('{key}', key) }));
}

function queuesOf(
  document: AsyncApi,
  { exchange, key }: { exchange: string; key: string },
  mode: Mode,
): string[] {
  const queues = Object.values(document.channels).flatMap((channel) => {
    const { address, bindings, 'x-send-to': places } = channel;
    const amqp = bindings?.amqp;
    if (amqp?.is !== 'queue' || address === null) return [];
    const bound = amqp['x-bindings'] ?? (places ? [places[mode]] : []);
    return bound.some((one) => one.exchange === exchange && matches(one.routingKey, key))
      ? [address]
      : [];
  });
  return [...new Set(queues)].sort();
}

/** As a topic exchange does: `*` is one word, `#` any number of them. */
function matches(pattern: string, key: string): boolean {
  const source = pattern
    .split('.')
    .map((word) => ({ '*': '\\.[^.]+', '#': '(\\.[^.]+)*' })[word] ?? `\\.${word}`)
    .join('');
  return new RegExp(`^${source}$`).test(`.${key}`);
}

const names: Record<string, string> = {
  message_id: 'messageId',
  app_id: 'appId',
  correlation_id: 'correlationId',
  reply_to: 'replyTo',
  content_type: 'contentType',
  delivery_mode: 'deliveryMode',
};

/** From the words of amqplib. */
export function inWordsOfAmqp(properties: object): Record<string, unknown> {
  const words = new Map(Object.entries(names).map(([word, name]) => [name, word]));
  const given = Object.entries(properties).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.map(([name, value]) => [words.get(name) ?? name, value as unknown]),
  );
}

/** In the words of amqplib. */
function propertiesOf(
  document: AsyncApi,
  { message, operation, example }: { message: Message; operation: Operation; example: Example },
): Record<string, unknown> {
  const { examples = [] } = follow<Schema>(document, message['x-amqp-properties']);
  const own = Object.entries(examples[0] as object).map(([name, value]) => [
    names[name] ?? name,
    value as unknown,
  ]);
  const { deliveryMode } = operation.bindings.amqp;
  return {
    ...(Object.fromEntries(own) as Record<string, unknown>),
    deliveryMode,
    type: message.bindings?.amqp.messageType,
    contentType: message.contentType,
    headers: example.headers,
  };
}

export async function publish(broker: TestBroker, driven: Driven): Promise<void> {
  const { exchange, key, example, properties } = driven;
  await broker.sendToExchange(exchange, key, example.payload as object, properties);
}

/** The bodies and ids in an example, each as it would come alone. */
export function eventsIn({ example, properties }: Driven): { id: unknown; body: unknown }[] {
  if (!Array.isArray(example.payload)) {
    return [{ id: properties['messageId'], body: example.payload }];
  }
  const events = example.payload as { id: string; data: unknown }[];
  return events.map(({ id, data }) => ({ id, body: data }));
}
