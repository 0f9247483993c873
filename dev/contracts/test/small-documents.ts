import type { AsyncApi, Kind } from '../compare/channels';
import type { OpenApi } from '../compare/check-http';
import type { Rules, Schema } from '../compare/schema';

/** A contract, who says it and who takes it. */
export interface Said {
  kind: Kind;
  name?: string;
  /** An exchange or a queue. */
  address?: string;
  body?: Schema;
  /** What its handlers take besides, by name: bodies that are upcast. */
  olds?: Record<string, Schema>;
  /** The older version that is sent. */
  sends?: string;
  reply?: Schema;
  /** By their queue, with the pattern of a topic; none: nobody listens. */
  readers?: Record<string, string>;
}

/** A body with a field `x` that is required. */
export function bodyWith(x: Schema): Rules {
  return { type: 'object', properties: { x }, required: ['x'] };
}

/** shop sends it, billing takes it. */
export function asyncApi(said: Said): AsyncApi {
  const { kind, name = 'Said', body = bodyWith({}), olds = {}, reply = true } = said;
  const isBound = kind === 'fanout' || kind === 'topic';
  const { address = isBound ? 'said' : 'billing.said' } = said;
  const { readers = { [isBound ? 'billing.said' : address]: '#' } } = said;
  const names = [name, ...Object.keys(olds)];
  const refs = (channel: string, all: string[]) =>
    all.map((one) => ({ $ref: `#/channels/${channel}/messages/${one}` }));
  const messages = Object.fromEntries(
    names.map((one) => [one, { $ref: `#/components/messages/${one}` }]),
  );
  const sent = isBound ? 'exchange' : `queue.${address}`;
  const queues = Object.entries(readers).map(([queue, routingKey]) => {
    const bindings = { 'x-bindings': [{ exchange: address, routingKey }] };
    return [
      `queue.${queue}`,
      { address: queue, messages, bindings: { amqp: { is: 'queue', ...(isBound && bindings) } } },
    ];
  });
  const message = (payload: Schema, type: string) => ({
    contentType: 'application/json',
    payload,
    tags: [{ name: kind }],
    bindings: { amqp: { messageType: type } },
  });
  const answer = kind === 'rpc' ? { reply: { messages: refs('reply', ['Answer']) } } : {};
  return {
    channels: {
      [sent]: { messages, bindings: { amqp: { is: 'routingKey', exchange: { name: address } } } },
      reply: { messages: { Answer: { $ref: '#/components/messages/Answer' } } },
      ...Object.fromEntries(queues),
      ...(isBound ? {} : { [sent]: { address, messages, bindings: { amqp: { is: 'queue' } } } }),
    },
    operations: {
      send: {
        action: 'send',
        tags: [{ name: 'shop' }],
        channel: { $ref: `#/channels/${sent}` },
        messages: refs(sent, [said.sends ?? name]),
        ...answer,
      },
      ...Object.fromEntries(
        Object.keys(readers).map((queue) => [
          queue,
          {
            action: 'receive',
            tags: [{ name: 'billing' }],
            channel: { $ref: `#/channels/queue.${queue}` },
            messages: refs(`queue.${queue}`, names),
            'x-handler': 'SaidHandler.handle',
            'x-use-case': 'book',
            ...answer,
          },
        ]),
      ),
    },
    components: {
      messages: {
        [name]: message(body, name),
        ...Object.fromEntries(Object.entries(olds).map(([one, old]) => [one, message(old, name)])),
        Answer: message(reply, 'Answer'),
      },
    },
  } as unknown as AsyncApi;
}

const json = (schema: Schema) => ({ content: { 'application/json': { schema } } });

/** `POST /v1/said`, with one part of it as given. */
export function openApi(operation: object, path = '/v1/said', method = 'post'): OpenApi {
  return { paths: { [path]: { [method]: { responses: { 200: {} }, ...operation } } } };
}

export const httpBody = (schema: Schema) => openApi({ requestBody: json(schema) });
export const httpAnswer = (schema: Schema) => openApi({ responses: { 200: json(schema) } });
