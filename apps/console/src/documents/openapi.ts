import type { RouteContent, RouteDocument, RouteParameter } from '../api/documents';
import { resolved, schemaIn } from './references';

/** OpenAPI 3.1, as far as it is shown. */
export interface OpenApi {
  info?: { description?: string };
  paths?: Record<string, Record<string, Operation> & { parameters?: Reference<Parameter>[] }>;
}

type Reference<T> = T | { $ref: string };

interface Operation {
  tags?: string[];
  security?: object[];
  summary?: string;
  description?: string;
  parameters?: Reference<Parameter>[];
  requestBody?: Reference<{ content?: Content }>;
  responses?: Record<string, Reference<{ description?: string; content?: Content }>>;
}

interface Parameter extends Partial<Omit<RouteParameter, 'text'>> {
  description?: string;
}

interface MediaType {
  schema?: object;
  example?: unknown;
  examples?: Record<string, Reference<{ value?: unknown }>>;
}

type Content = Record<string, MediaType>;

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** The routes of a document, in its order. */
export function routesOf(service: string, document: OpenApi): RouteDocument[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method];
      if (operation === undefined) return [];
      const shared = item.parameters ?? [];
      const name = { service, method: method.toUpperCase(), path };
      return [{ ...name, ...told(document, operation, shared) }];
    }),
  );
}

type Told = Omit<RouteDocument, 'service' | 'method' | 'path'>;

function told(document: OpenApi, operation: Operation, shared: Reference<Parameter>[]): Told {
  const { parameters = [], requestBody = {}, responses = {} } = operation;
  const all = [...shared, ...parameters].map((one) => resolved<Parameter>(document, one));
  return {
    tag: operation.tags?.[0] ?? '',
    summary: operation.summary ?? '',
    text: operation.description ?? '',
    forOperators: (operation.security ?? []).length > 0,
    parameters: all.map((one) => ({
      name: one.name ?? '',
      in: one.in ?? 'query',
      required: one.required ?? false,
      text: one.description ?? '',
      schema: schemaIn(document, one.schema),
    })),
    body: contentsOf(document, resolved(document, requestBody)),
    answers: Object.entries(responses).map(([status, one]) => {
      const answer = resolved(document, one);
      return { status, text: answer.description ?? '', contents: contentsOf(document, answer) };
    }),
  };
}

function contentsOf(document: OpenApi, { content = {} }: { content?: Content }): RouteContent[] {
  return Object.entries(content).map(([mediaType, { schema, example, examples = {} }]) => {
    const named = Object.entries(examples).map(([name, one]) => {
      return { name, value: resolved(document, one).value };
    });
    const alone = example === undefined ? [] : [{ value: example }];
    return { mediaType, schema: schemaIn(document, schema), examples: [...alone, ...named] };
  });
}
