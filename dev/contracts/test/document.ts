import { readFileSync } from 'node:fs';
import type { Channel, Message, Operation, Ref } from '../asyncapi/parts';
import type { Schema } from '../schema';

/** docs/asyncapi.json, as far as the tests read it. */
export interface AsyncApi {
  channels: Record<string, Channel>;
  operations: Record<string, Operation>;
  components: { messages: Record<string, Message>; schemas: Record<string, Schema> };
}

export const file = 'docs/asyncapi.json';

export function readAsyncApi(): AsyncApi {
  return JSON.parse(readFileSync(file, 'utf8')) as AsyncApi;
}

/** What a $ref of the document leads to. */
export function follow<T>(document: AsyncApi, { $ref }: Ref): T {
  const path = $ref.slice(2).split('/');
  return path.reduce((at: unknown, name) => (at as Record<string, unknown>)[name], document) as T;
}

/** The messages of an operation or a reply, through its channel. */
export function messagesIn(document: AsyncApi, refs: readonly Ref[]): Message[] {
  return refs.map((one) => follow<Message>(document, follow<Ref>(document, one)));
}
