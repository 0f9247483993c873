import { breaksOf, type Break, type Met } from './breaks';
import { refusals } from './refusals';
import { at, resolved, type Schema } from './schema';

interface Content {
  content?: Record<string, { schema?: Schema }>;
}

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  schema?: Schema;
}

interface HttpOperation {
  parameters?: (Parameter | { $ref: string })[];
  requestBody?: Content & { required?: boolean };
  responses?: Record<string, Content>;
}

/** OpenAPI 3.1, as far as it is compared. */
export interface OpenApi {
  paths: Record<string, Record<string, unknown>>;
}

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/** An operation of either document, and what is said of it. */
interface Side {
  document: OpenApi;
  operation: HttpOperation;
}

/**
 * What of a service's HTTP breaks its callers: the server takes what was right to ask, and answers
 * nothing that callers do not know.
 */
export function checkHttp(service: string, old: OpenApi, today: OpenApi): Break[] {
  const now = operationsIn(today);
  const whom = [`callers of ${service}`];
  return [...operationsIn(old)].flatMap(([key, { name, operation }]) => {
    const what = `${service} ${name}`;
    const same = now.get(key);
    if (same === undefined) return [{ what, change: 'removed', whom, advice: 'Keep the route' }];
    const sides = {
      old: { document: old, operation },
      today: { document: today, operation: same.operation },
    };
    return [
      ...plainBreaks(sides).map((one) => ({ what, whom, ...one })),
      ...breaksOf(metIn(what, whom, sides), 'a new route', false),
    ];
  });
}

/** By method and path, whatever its parameters are named. */
function operationsIn(document: OpenApi) {
  const { paths } = document;
  const found = new Map<string, { name: string; operation: HttpOperation }>();
  for (const [path, item] of Object.entries(paths)) {
    for (const method of methods.filter((one) => one in item)) {
      const name = `${method.toUpperCase()} ${path}`;
      const { requestBody, responses = {}, ...own } = item[method] as HttpOperation;
      // Problems are of one shape, and a caller may get one that it does not know.
      const answers = Object.entries(responses)
        .filter(([status]) => /^[123]/.test(status))
        .map(([status, answer]) => [status, followed(document, answer)] as const);
      const operation: HttpOperation = {
        ...own,
        requestBody: requestBody && followed(document, requestBody),
        responses: Object.fromEntries(answers),
      };
      found.set(name.replace(/\{[^}]*\}/g, '{}'), { name, operation });
    }
  }
  return found;
}

function followed<T extends object>(document: OpenApi, one: T | { $ref: string }): T {
  return '$ref' in one ? at<T>(document, one.$ref) : one;
}

interface Sides {
  old: Side;
  today: Side;
}

/** What is there or is not. */
function plainBreaks({ old, today }: Sides): Pick<Break, 'change' | 'advice'>[] {
  const before = parametersOf(old);
  const now = parametersOf(today);
  const statuses = Object.keys(old.operation.responses ?? {});
  const answered = Object.keys(today.operation.responses ?? {});
  const added = answered.filter((status) => !statuses.includes(status));
  return [
    ...[...before.keys()]
      .filter((key) => !now.has(key))
      .map((key) => ({ change: `${key} removed`, advice: 'Keep it' })),
    ...[...now]
      .filter(([key, { required }]) => required && before.get(key)?.required !== true)
      .map(([key]) => ({
        change: before.has(key) ? `${key} optional → required` : `${key} added, required`,
        advice: before.has(key) ? 'Keep it optional' : 'Make it optional',
      })),
    ...(today.operation.requestBody?.required && !old.operation.requestBody?.required
      ? [{ change: 'body optional → required', advice: 'Keep it optional' }]
      : []),
    ...added.map((status) => ({
      change: `status ${statuses.join(', ')} → ${status}`,
      advice: 'Keep the status, or add a new route',
    })),
    ...goneTypes(old.operation.requestBody, today.operation.requestBody, 'takes'),
    ...statuses.flatMap((status) =>
      goneTypes(old.operation.responses?.[status], today.operation.responses?.[status], 'answers'),
    ),
  ];
}

function goneTypes(old: Content | undefined, today: Content | undefined, verb: string) {
  if (today === undefined) return [];
  const now = Object.keys(today.content ?? {});
  return Object.keys(old?.content ?? {})
    .filter((type) => !now.includes(type))
    .map((type) => ({ change: `${verb} ${type} no more`, advice: 'Keep it, and add the other' }));
}

/** By `query parameter limit`; those of a path by their place. */
function parametersOf({ document, operation }: Side): Map<string, Parameter> {
  const all = (operation.parameters ?? []).map((one) => followed<Parameter>(document, one));
  const counted = all.filter((one) => one.in === 'path');
  return new Map(
    all.map((one) => {
      const name = one.in === 'path' ? counted.indexOf(one) + 1 : one.name;
      return [`${one.in} parameter ${name}`, one];
    }),
  );
}

function metIn(what: string, whom: readonly string[], { old, today }: Sides): Met[] {
  const asked = (name: string, before: Schema, now: Schema): Met => ({
    ...{ meeting: 'old bodies', name: `${what} ${name}`, whom },
    refusals: refusals(resolved(before, old.document), resolved(now, today.document)),
  });
  const now = parametersOf(today);
  const parameters = [...parametersOf(old)].flatMap(([key, { schema = true }]) => {
    const same = now.get(key);
    return same === undefined ? [] : [asked(key, schema, same.schema ?? true)];
  });
  const bodies = bothOf(old.operation.requestBody, today.operation.requestBody).map(
    ([before, now]) => asked('body', before, now),
  );
  const answers = Object.entries(today.operation.responses ?? {}).flatMap(([status, answer]) =>
    bothOf(old.operation.responses?.[status], answer).map(([before, now]): Met => {
      const refused = refusals(resolved(now, today.document), resolved(before, old.document));
      const name = `${what} ${status} answer`;
      return { meeting: 'old replicas', name, whom, refusals: refused };
    }),
  );
  return [...parameters, ...bodies, ...answers];
}

/** The schemas of the media types that both have. */
function bothOf(old: Content | undefined, today: Content | undefined): [Schema, Schema][] {
  return Object.entries(old?.content ?? {}).flatMap(([type, { schema = true }]) => {
    const same = today?.content?.[type];
    return same === undefined ? [] : [[schema, same.schema ?? true]];
  });
}
