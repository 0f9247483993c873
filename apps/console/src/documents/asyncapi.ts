import type { Pattern } from '@tradepost/messaging/ops';
import type { MessageDocument, MessageDocuments } from '../api/documents';
import { nameOf, resolved, schemaIn } from './references';

interface Ref {
  $ref: string;
}

/** AsyncAPI 3, as far as it is shown. */
export interface AsyncApi {
  info: { title: string; version: string };
  channels: Record<string, Channel>;
  operations: Record<string, Operation>;
  components: { messages: Record<string, Message> };
}

interface Channel {
  address: string | null;
  bindings?: { amqp?: { exchange?: { name: string } } };
}

interface Message {
  name: string;
  description?: string;
  payload?: object;
  headers?: object;
  examples?: { payload?: unknown }[];
  'x-amqp-properties'?: object;
  /** The first is the pattern by which it travels. */
  tags?: { name: string }[];
}

interface Operation {
  action: 'send' | 'receive';
  channel: Ref;
  /** Of one contract: alone, and in a bundle. */
  messages: Ref[];
  reply?: { messages: Ref[] };
  /** The service. */
  tags: { name: string }[];
  'x-handler'?: string;
  'x-retry'?: string[];
}

/** Each contract of the document: what it is, who sends it and who hears it. */
export function messagesOf(document: AsyncApi): MessageDocuments {
  const { title, version } = document.info;
  const operations = Object.values(document.operations);
  const messages = Object.values(document.components.messages).flatMap((message) => {
    const own = operations.filter(
      ({ messages: [first] }) => first && nameOf(first) === message.name,
    );
    const [pattern] = message.tags ?? [];
    return pattern && own.length > 0 ? [messageOf(document, message, own)] : [];
  });
  return { title, version, messages };
}

function messageOf(document: AsyncApi, message: Message, own: Operation[]): MessageDocument {
  const sent = own.filter(({ action }) => action === 'send');
  const heard = own.filter(({ action }) => action === 'receive');
  const reply = own.find((one) => one.reply !== undefined)?.reply;
  const place = placeOf(document, (sent[0] ?? own[0])?.channel);
  return {
    contract: message.name,
    pattern: (message.tags?.[0]?.name ?? 'work') as Pattern,
    place,
    text: message.description ?? '',
    bundled: own.some(({ messages }) => messages.length > 1),
    sentBy: [...new Set(sent.map(serviceOf))],
    heardBy: heard.map((one) => ({
      service: serviceOf(one),
      queue: placeOf(document, one.channel),
      handler: one['x-handler'] ?? '',
      retries: one['x-retry'] ?? [],
    })),
    ...contentOf(document, message),
    headers: schemaIn(document, message.headers),
    properties: schemaIn(document, message['x-amqp-properties']),
    replies: (reply?.messages ?? []).map((ref) => {
      const answer = document.components.messages[nameOf(ref)];
      return {
        contract: nameOf(ref),
        text: answer?.description ?? '',
        ...contentOf(document, answer ?? { name: '' }),
      };
    }),
  };
}

const serviceOf = ({ tags }: Operation): string => tags[0]?.name ?? '';

/** The name of the exchange or of the queue. */
function placeOf(document: AsyncApi, channel: Ref | undefined): string {
  const { address, bindings } = resolved<Channel>(document, channel ?? { address: null });
  return bindings?.amqp?.exchange?.name ?? address ?? '';
}

function contentOf(document: AsyncApi, { payload, examples = [] }: Message) {
  const bodies = examples.map((example) => example.payload);
  return { body: schemaIn(document, payload), examples: bodies.filter((one) => one !== undefined) };
}
