import type { Type } from '@nestjs/common';
import type { Schema } from '../schema';
import type { Input, Route } from './routes';

export interface Parameter {
  name: string;
  in: Input['in'];
  description?: string;
  required?: boolean;
  schema: Schema;
  example?: unknown;
  style?: 'form';
  explode?: boolean;
}

interface Header {
  name: string;
  description: string;
  required?: boolean;
  schema: Schema;
  example?: unknown;
}

const idempotencyKey: Header = {
  name: 'Idempotency-Key',
  description: 'The request is done once for all requests with this key; 24 hours long.',
  schema: { type: 'string', minLength: 1, maxLength: 1024 },
  example: '8e03978e-40d5-43e8-bc93-6894a57f9324',
};

const lastEventId: Header = {
  name: 'Last-Event-ID',
  description: 'Of the last event that the reader has: the stream goes on after it.',
  schema: { type: 'string' },
};

const operator: Header = {
  name: 'X-Operator',
  description: 'Who asks, for the record.',
  schema: { type: 'string' },
  example: 'ada',
};

/** Of a caller that signs its bodies, per Standard Webhooks. */
const signed: Header[] = [
  {
    name: 'webhook-id',
    description: 'The same in every copy.',
    required: true,
    schema: { type: 'string', minLength: 1, maxLength: 200 },
  },
  {
    name: 'webhook-timestamp',
    description: 'Of this try, in seconds since 1970.',
    required: true,
    schema: { type: 'string', pattern: '^\\d+$' },
  },
  {
    name: 'webhook-signature',
    description: 'Per Standard Webhooks.',
    required: true,
    schema: { type: 'string' },
  },
];

/** A class of class-validator, and what it is like. */
interface Sampled {
  sample?: Record<string, unknown>;
}

/** What a route takes beside its body. @param schemaOf of a class */
export function parametersOf(
  { path, inputs, config }: Route,
  schemaOf: (type: Type) => Schema,
  isByOperator: boolean,
): Parameter[] {
  const of = (kind: Input['in']) => inputs.filter((input) => input.in === kind);
  const fields = (kind: Input['in']) =>
    of(kind).flatMap(({ name, type }) =>
      name === undefined && type !== Object ? fieldsOf(type, kind, schemaOf(type)) : [],
    );
  const named = fields('path');
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']): Parameter => {
    const known = named.find((one) => one.name === name);
    return known ?? { name, in: 'path', required: true, schema: { type: 'string' } };
  });
  const headers = [
    ...(config.isIdempotent ? [idempotencyKey] : []),
    ...(config.keepsRawBody ? signed : []),
    ...(isByOperator ? [operator] : []),
    ...of('header').flatMap(({ name }) => (name === 'last-event-id' ? [lastEventId] : [])),
  ].map((header): Parameter => ({ in: 'header', ...header }));
  return [...inPath, ...fields('query'), ...headers];
}

function fieldsOf(type: Type, kind: Input['in'], schema: Schema): Parameter[] {
  const defaults = new type() as Record<string, unknown>;
  const { sample = {} } = type as Sampled;
  return Object.entries(schema.properties ?? {}).map(([name, { description, ...field }]) => {
    const isRequired = schema.required?.includes(name) && defaults[name] === undefined;
    const { [name]: initial } = defaults;
    const value = withoutNull(field);
    return {
      name,
      in: kind,
      ...(description !== undefined && { description }),
      ...(isRequired && { required: true }),
      schema: { ...grouped(name, value), ...(initial !== undefined && { default: initial }) },
      ...(sample[name] !== undefined && { example: sample[name] }),
      // `field.orderId=7`: each property is a parameter of its own.
      ...(value.type === 'object' && { style: 'form' as const, explode: true }),
    };
  });
}

function grouped(name: string, schema: Schema): Schema {
  const pattern = schema.propertyNames?.pattern;
  if (schema.type !== 'object' || pattern === undefined) return schema;
  return { ...schema, propertyNames: { pattern: pattern.replace('^', `^${name}\\.`) } };
}

/** No address has a null in it. */
function withoutNull(schema: Schema): Schema {
  const { type, anyOf, enum: values, ...rest } = schema;
  const types = [type ?? []].flat().filter((one) => one !== 'null');
  const others = anyOf?.filter((one) => one.type !== 'null');
  return {
    ...(types.length > 0 && { type: types.length === 1 ? types[0] : types }),
    ...(others?.length === 1 ? others[0] : others && { anyOf: others }),
    ...(values && { enum: values.filter((value) => value !== null) }),
    ...rest,
  };
}

/** Undefined: it takes none. */
export function bodyOf({ inputs }: Route, schemaOf: (type: Type) => Schema): object | undefined {
  const body = inputs.find((input) => input.in === 'body');
  if (!body) return undefined;
  const isKnown = body.type !== Object;
  const { sample } = body.type as Sampled;
  const content = {
    schema: isKnown ? { $ref: `#/components/schemas/${body.type.name}` } : { type: 'object' },
    ...(sample !== undefined && { example: sample }),
  };
  const required = !isKnown || (schemaOf(body.type).required ?? []).length > 0;
  return { ...(required && { required }), content: { 'application/json': content } };
}
