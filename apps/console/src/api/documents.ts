/**
 * | request | answer |
 * |---|---|
 * | GET /api/documents/messages | MessageDocuments |
 * | GET /api/documents/routes | RouteDocuments |
 * | GET /api/documents/asyncapi.json | the AsyncAPI document, as it is |
 * | GET /api/documents/openapi/:service | the service's OpenAPI document, as it is |
 */

import type { Pattern } from '@tradepost/messaging/ops';

/** JSON Schema without references: one that was a reference has its name as `title`. */
export interface Schema {
  title?: string;
  type?: string | string[];
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  [word: string]: unknown;
}

export interface MessageDocuments {
  title: string;
  version: string;
  messages: MessageDocument[];
}

export interface MessageDocument {
  contract: string;
  pattern: Pattern;
  /** The name of the queue or of the exchange that it is sent to. */
  place: string;
  text: string;
  /** It may come in a list of CloudEvents. */
  bundled: boolean;
  /** Names of services. */
  sentBy: string[];
  heardBy: { service: string; queue: string; handler: string; retries: string[] }[];
  body: Schema;
  examples: unknown[];
  headers: Schema;
  /** Of AMQP. */
  properties: Schema;
  /** Of rpc: the answer, and the refusal. */
  replies: { contract: string; text: string; body: Schema; examples: unknown[] }[];
}

export interface RouteDocuments {
  services: {
    name: string;
    text: string;
    routes: RouteDocument[];
    /** Why there are no routes. */
    problem?: string;
  }[];
}

export interface RouteDocument {
  service: string;
  method: string;
  path: string;
  /** The part of the API that it belongs to. */
  tag: string;
  summary: string;
  text: string;
  /** It asks for the ops token. */
  forOperators: boolean;
  parameters: RouteParameter[];
  /** Of the request: the media types that it may have. */
  body: RouteContent[];
  answers: { status: string; text: string; contents: RouteContent[] }[];
}

export interface RouteParameter {
  name: string;
  in: 'path' | 'query' | 'header' | 'cookie';
  required: boolean;
  text: string;
  schema: Schema;
}

export interface RouteContent {
  mediaType: string;
  schema: Schema;
  examples: { name?: string; value: unknown }[];
}
