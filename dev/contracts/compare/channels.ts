import type * as Parts from '../asyncapi/parts';
import { at, resolved, type Schema } from './schema';

export type Kind = 'work' | 'fanout' | 'topic' | 'rpc';

/** What one service does with a channel. */
export interface Party {
  /** `financial (book-sales)` */
  name: string;
  /** The names of what it takes or sends: of a handler first its own, then what is upcast to it. */
  messages: readonly string[];
  /** Of a handler: it takes from, and of a topic is bound by. */
  handler?: string;
  queue?: string;
  key?: string;
}

/** The way of a contract, and what is said on it. */
export interface Channel {
  kind: Kind;
  /** An exchange or a queue. */
  address: string;
  bodies: Record<string, Schema>;
  /** What each message says that it is. */
  types: Record<string, string>;
  reply?: { name: string; body: Schema };
  senders: Party[];
  readers: Party[];
}

/** A document, as far as it is compared. */
export interface AsyncApi {
  channels: Record<string, Parts.Channel>;
  operations: Record<string, Parts.Operation>;
}

const batch = 'application/cloudevents-batch+json';

/** @returns by kind and address */
export function channelsIn(document: AsyncApi): Map<string, Channel> {
  const channels = new Map<string, Channel>();
  for (const operation of Object.values(document.operations)) {
    const said = messagesOf(document, operation.messages);
    const kind = said[0]?.message.tags[0]?.name as Kind | undefined;
    // A handler without a contract takes anything.
    if (kind === undefined) continue;
    const { address, queue, key } = placeOf(at(document, operation.channel.$ref));
    const id = `${kind} ${address}`;
    const channel = channels.get(id) ?? newChannel(kind, address);
    channels.set(id, channel);
    for (const { name, message } of said) {
      channel.bodies[name] = resolved(message.payload as Schema, document);
      channel.types[name] = message.bindings?.amqp.messageType ?? name;
    }
    const [reply] = messagesOf(document, operation.reply?.messages ?? []);
    if (reply) {
      const body = resolved(reply.message.payload as Schema, document);
      channel.reply = { name: reply.name, body };
    }
    const party = { name: nameOf(operation), messages: said.map(({ name }) => name) };
    if (operation.action === 'send') channel.senders.push(party);
    else channel.readers.push({ ...party, handler: operation['x-handler'], queue, key });
  }
  return channels;
}

function newChannel(kind: Kind, address: string): Channel {
  return { kind, address, bodies: {}, types: {}, senders: [], readers: [] };
}

/** A bundle is its contract once more. */
function messagesOf(
  document: object,
  refs: readonly Parts.Ref[],
): { name: string; message: Parts.Message }[] {
  return refs
    .map(({ $ref }) => at<Parts.Ref>(document, $ref))
    .map(({ $ref }) => ({ name: $ref.split('/').at(-1) ?? '', message: at(document, $ref) }))
    .filter((one): one is { name: string; message: Parts.Message } => {
      return (one.message as Parts.Message).contentType !== batch;
    });
}

function placeOf({ address, bindings }: Parts.Channel) {
  const amqp = bindings?.amqp;
  if (amqp?.is === 'routingKey') return { address: amqp.exchange.name };
  const [bound] = amqp?.['x-bindings'] ?? [];
  const queue = address ?? '';
  return { address: bound?.exchange ?? queue, queue, key: bound?.routingKey };
}

function nameOf(operation: Parts.Operation): string {
  const service = operation.tags[0]?.name ?? '';
  const does = operation['x-use-case'] ?? operation['x-handler'];
  return does === undefined ? service : `${service} (${does})`;
}
