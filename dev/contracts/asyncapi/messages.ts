import { type Contract, type RpcContract, typeOf } from '@tradepost/messaging/contract';
import { commentsIn } from '../doc-comments';
import type { Schema } from '../schema';
import { schemasOf } from '../schemas';
import { oldVersionsOf } from '../speakers';
import { envelopeSchemas, eventSchema, sampleEvent, sampleHeaders } from './envelope';
import { bindingVersion, type Message, ref } from './parts';

const json = 'application/json';
/** Messages of one message of the broker's, as a list of CloudEvents. */
const batch = 'application/cloudevents-batch+json';

export const anyObject = 'AnyObject';
const refusal = 'Refusal';

export function isRpc(contract: Contract): contract is RpcContract {
  return contract.route.kind === 'rpc';
}

/** The names of the messages that a contract's bodies come in. */
export function messageNames({ name, route }: Contract): string[] {
  const isBundled = 'bundled' in route && route.bundled;
  return isBundled ? [name, `${name}Bundle`] : [name];
}

/** Also those of the older versions that a handler of the contract takes. */
export function takenNames(contract: Contract): string[] {
  return [contract, ...oldVersionsOf(contract)].flatMap(messageNames);
}

export function replyNames({ route }: RpcContract): string[] {
  return [route.reply.name, refusal];
}

interface Parts {
  messages: Record<string, Message>;
  schemas: Record<string, Schema>;
}

/** The messages of these contracts, and the schemas of all that is in them. */
export function messagesOf(contracts: readonly Contract[]): Parts {
  const asked = contracts.filter(isRpc);
  const bodies = [...contracts, ...asked.map(({ route }) => route.reply)];
  const comments = commentsIn('libs/contracts/src');
  const schemas = schemasOf([...new Set(bodies)], { unknown: 'dropped', comments });
  const taken = Object.keys(schemas).find((name) => name in envelopeSchemas || name === anyObject);
  if (taken !== undefined) throw new Error(`${taken} is a name of the document's own`);
  const textOf = (name: string) => schemas[name]?.description;
  const all: Parts = { messages: {}, schemas: { ...schemas, ...envelopeSchemas } };
  for (const contract of contracts) {
    const [name, bundle] = messageNames(contract);
    if (name === undefined) continue;
    all.messages[name] = messageOf(contract, textOf(name));
    if (bundle === undefined) continue;
    all.schemas[`${name}Event`] = eventSchema(ref('components', 'schemas', name));
    all.messages[bundle] = bundleOf(contract, bundle);
  }
  for (const { route } of asked) {
    all.messages[route.reply.name] = answerOf(route.reply, textOf(route.reply.name));
    all.messages[refusal] = refusalMessage;
  }
  return all;
}

/** What a handler without a contract takes. */
export const anyMessage: Message = {
  name: anyObject,
  title: anyObject,
  contentType: json,
  headers: ref('components', 'schemas', 'EventHeaders'),
  payload: { type: 'object' },
  correlationId: ref('components', 'correlationIds', 'flow'),
  tags: [],
  examples: [{ name: 'empty', headers: sampleHeaders(anyObject), payload: {} }],
  'x-amqp-properties': ref('components', 'schemas', 'EventProperties'),
};

function messageOf(contract: Contract, description?: string): Message {
  const { name, route } = contract;
  const kind = isRpc(contract) ? 'Question' : 'Event';
  return {
    name,
    title: name,
    description,
    contentType: json,
    headers: ref('components', 'schemas', `${kind}Headers`),
    payload: ref('components', 'schemas', name),
    correlationId: ref('components', 'correlationIds', isRpc(contract) ? 'question' : 'flow'),
    bindings: { amqp: { messageType: typeOf(contract), bindingVersion } },
    tags: [{ name: route.kind }],
    examples: [
      { name: 'sample', headers: sampleHeaders(typeOf(contract)), payload: sampleOf(contract) },
    ],
    'x-amqp-properties': ref('components', 'schemas', `${kind}Properties`),
  };
}

function bundleOf(contract: Contract, title: string): Message {
  const { name } = contract;
  const type = typeOf(contract);
  const data = sampleOf(contract);
  const events = [1, 2].map((number) => sampleEvent(type, data, number));
  return {
    ...messageOf(contract),
    name: title,
    title,
    description: `Up to 16 of ${name}, sent together: each is handled as if it came alone.`,
    contentType: batch,
    payload: {
      type: 'array',
      items: ref('components', 'schemas', `${name}Event`),
    },
    correlationId: ref('components', 'correlationIds', 'event'),
    examples: [{ name: 'two', headers: sampleHeaders(type), payload: events }],
  };
}

function answerOf(reply: new () => object, description?: string): Message {
  return {
    name: reply.name,
    title: reply.name,
    description,
    contentType: json,
    headers: ref('components', 'schemas', 'AnswerHeaders'),
    payload: ref('components', 'schemas', reply.name),
    correlationId: ref('components', 'correlationIds', 'question'),
    tags: [{ name: 'rpc' }],
    examples: [{ name: 'sample', headers: {}, payload: sampleOf(reply) }],
    'x-amqp-properties': ref('components', 'schemas', 'AnswerProperties'),
  };
}

const refusalMessage: Message = {
  name: refusal,
  title: refusal,
  description: envelopeSchemas[refusal]?.description,
  contentType: json,
  headers: ref('components', 'schemas', 'RefusalHeaders'),
  payload: ref('components', 'schemas', refusal),
  correlationId: ref('components', 'correlationIds', 'question'),
  tags: [{ name: 'rpc' }],
  examples: [
    {
      name: 'unknown',
      headers: { 'x-error-code': 'user_unknown' },
      payload: { error: { code: 'user_unknown', message: 'there is no user 404' } },
    },
  ],
  'x-amqp-properties': ref('components', 'schemas', 'AnswerProperties'),
};

function sampleOf(type: { name: string; sample?: unknown }): unknown {
  if (type.sample === undefined) throw new Error(`${type.name} has no \`static readonly sample\``);
  return type.sample;
}
