import type { Mode } from '@tradepost/messaging';
import type { Schema } from '../schema';

/** The parts of AsyncAPI 3 that the document has. https://www.asyncapi.com/docs/reference */

export interface Ref {
  $ref: string;
}

export interface Tag {
  name: string;
  description?: string;
}

export const bindingVersion = '0.3.0';

/** Where a message is published to. */
export interface Place {
  /** Empty: the default one. */
  exchange: string;
  /** Or where in the question it is. */
  routingKey: string;
}

export interface Channel {
  /** A routing key or the name of a queue; null: the other side says it. */
  address: string | null;
  title: string;
  description: string;
  messages: Record<string, Ref>;
  parameters?: Record<string, { description: string; enum?: readonly string[] }>;
  bindings?: { amqp: ChannelBinding };
  /** Of a queue that is sent to by its name: where to, in each mode of the services. */
  'x-send-to'?: Record<Mode, Place>;
}

interface Thing {
  name: string;
  vhost: '/';
  durable: true;
  autoDelete: false;
}

type ChannelBinding = { bindingVersion: typeof bindingVersion } & (
  | { is: 'routingKey'; exchange: Thing & { type: string } }
  | {
      is: 'queue';
      queue: Thing & { exclusive: false };
      /** What the queue takes from; the binding of AMQP has no word for it. */
      'x-bindings'?: { exchange: string; routingKey: string }[];
    }
);

export interface Message {
  name: string;
  title: string;
  description?: string;
  contentType: string;
  headers: Ref;
  payload: Ref | Schema;
  correlationId: Ref;
  bindings?: { amqp: { messageType: string; bindingVersion: typeof bindingVersion } };
  tags: Tag[];
  examples: { name: string; headers: Record<string, unknown>; payload: unknown }[];
  /** Properties of AMQP: AsyncAPI has a word for headers alone. */
  'x-amqp-properties': Ref;
}

export interface Operation {
  action: 'send' | 'receive';
  channel: Ref;
  title: string;
  tags: Tag[];
  messages: Ref[];
  reply?: { address: { location: string; description: string }; channel: Ref; messages: Ref[] };
  bindings: { amqp: Record<string, unknown> };
  /** The method that takes it. */
  'x-handler'?: string;
  /** What that calls. */
  'x-use-case'?: string;
  /** The waits between its tries. */
  'x-retry'?: readonly string[];
}

/** A $ref to something in the document, by its path. */
export function ref(...path: string[]): Ref {
  const escaped = path.map((name) => name.replaceAll('~', '~0').replaceAll('/', '~1'));
  return { $ref: `#/${escaped.join('/')}` };
}
