import type { Schema } from '../schema';
import type { KnownProblem, Reached } from './reach';
import type { Route } from './routes';

interface Response {
  description: string;
  headers?: Record<string, object>;
  content: Record<string, object>;
}

const types = 'https://tradepost.dev/problems/';

/** Of every route: the address is wrong, the database is away, the code has a mistake. */
const everywhere = ['malformed-address', 'internal-error', 'unavailable'];
/** Of a route that takes something: each field that breaks a rule. */
const ofInput = ['invalid-request'];
const ofBody = [
  'malformed-json',
  'payload-too-large',
  'unsupported-media-type',
  'unsupported-content-encoding',
];
const ofLimits = ['too-many-requests'];
const ofTokens = ['token-required', 'invalid-token', 'insufficient-scope', 'keys-unavailable'];
const ofStaff = ['not-for-customers'];
const ofAsking = ['rpc-failed', 'rpc-timeout'];

/** The problems that a route may answer with. @param all those of libs/service, by their types */
export function problemsOf(
  route: Route,
  reached: Reached,
  all: ReadonlyMap<string, KnownProblem>,
): KnownProblem[] {
  const takesBody = route.inputs.some((input) => input.in === 'body');
  const takes = route.inputs.length > 0 || route.config.isIdempotent;
  const more = [
    ...everywhere,
    ...(takes ? ofInput : []),
    ...(takesBody ? ofBody : []),
    ...(reached.asks ? ofAsking : []),
    ...ofAccess(route),
  ];
  const found = new Map(reached.problems);
  for (const type of more) found.set(type, wellKnown(type, all));
  return [...found.values()].sort(
    (a, b) => a.status - b.status || a.type.localeCompare(b.type, 'en'),
  );
}

function ofAccess({ config: { access } }: Route): string[] {
  if (!access) return [];
  if ('open' in access) return access.limited === false ? [] : ofLimits;
  return [...ofLimits, ...ofTokens, ...(access.customers === 'own' ? [] : ofStaff)];
}

function wellKnown(type: string, all: ReadonlyMap<string, KnownProblem>): KnownProblem {
  const known = all.get(type);
  if (!known) throw new Error(`libs/service has no problem ${type}`);
  return known;
}

/** The body of a problem, in examples. */
export function exampleOf({ type, title, status, detail }: KnownProblem): object {
  const pointer = '/items/0/quantity';
  const fault = 'must not be less than 1';
  const isOfField = type === 'invalid-request';
  return {
    summary: title,
    value: {
      type: types + type,
      title,
      status,
      ...(isOfField ? { detail: `${pointer}: ${fault}` } : detail !== undefined && { detail }),
      ...(isOfField && { errors: [{ pointer, detail: fault }] }),
    },
  };
}

/** One response a status, with all problems of that status; its name says which. */
export function problemResponses(
  problems: readonly KnownProblem[],
): { status: string; name: string; response: Response }[] {
  const statuses = [...new Set(problems.map(({ status }) => status))];
  return statuses.map((status) => {
    const those = problems.filter((problem) => problem.status === status);
    const name = those.map(({ type }) => type).join('.');
    return { status: `${status}`, name, response: responseOf(those) };
  });
}

function responseOf(problems: readonly KnownProblem[]): Response {
  const headers = [...new Set(problems.flatMap((problem) => problem.headers))];
  const schema = '#/components/schemas/ProblemDetails';
  const isOfThese: Schema = { enum: problems.map(({ type }) => types + type) };
  const examples = problems.map(({ type }): [string, object] => {
    return [type, { $ref: `#/components/examples/${type}` }];
  });
  return {
    description: problems.map(({ title }) => title).join('. '),
    ...(headers.length > 0 && {
      headers: Object.fromEntries(headers.map((name) => [name, headerOf(name)])),
    }),
    content: {
      'application/problem+json': {
        schema: { $ref: schema, properties: { type: isOfThese } },
        examples: Object.fromEntries(examples),
      },
    },
  };
}

function headerOf(name: string): object {
  if (name !== 'retry-after') return { schema: { type: 'string' } };
  return { description: 'Seconds until it is worth another try.', schema: { type: 'integer' } };
}

/** What HTTP itself answers, before there is a route. */
export const otherProblem = {
  description:
    'What is wrong with the request as HTTP: it took too long (408), its address (414) or its ' +
    'headers (431) are too long, it is not HTTP (400).',
  content: {
    'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemDetails' } },
  },
};
