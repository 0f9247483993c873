import type { Type } from '@nestjs/common';
import ts from 'typescript';
import type { Schema } from '../schema';
import type { Answers } from './answers';
import type { Examples } from './examples';
import { problemResponses } from './problems';
import type { KnownProblem, Reached } from './reach';
import { bodyOf, parametersOf } from './requests';
import type { Route } from './routes';
import type { Sources } from './sources';

/** A route, and what the code behind it says. */
export interface Facts {
  route: Route;
  method: ts.MethodDeclaration;
  reached: Reached;
  problems: readonly KnownProblem[];
}

/** What is known of the whole document. */
export interface Known {
  sources: Sources;
  answers: Answers;
  examples: Examples;
  /** Of a class that says what a request may have. */
  schemaOf: (type: Type) => Schema;
  /** Those of problems, by the names that they have in the document. */
  responses: Record<string, object>;
}

interface Response {
  description: string;
  headers?: Record<string, object>;
  content?: Record<string, object>;
}

export function operationOf(facts: Facts, known: Known): object {
  const { sources, schemaOf, responses } = known;
  const { route, method, problems } = facts;
  const operationId = operationIdOf(route);
  const parameters = parametersOf(route, schemaOf, isByOperator(method));
  const body = bodyOf(route, schemaOf);
  return {
    tags: [tagOf(route)],
    operationId,
    ...described(sources.docOf(method), operationId),
    security: securityOf(route),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: body }),
    responses: {
      ...merged(answersOf(facts, known), problems, responses),
      default: { $ref: '#/components/responses/OtherProblem' },
    },
  };
}

/** Any one of these; none: everyone may. */
function securityOf({ config: { access }, guards }: Route): object[] {
  if (!access || 'open' in access) return [];
  const isForOperators = guards.some((guard) => guard.name === 'OpsGuard');
  return [{ bearer: [access.scope] }, ...(isForOperators ? [{ opsToken: [] }] : [])];
}

/** The part of the API that it belongs to. */
export function tagOf({ path }: Route): string {
  const [first = '', second = first] = path.split('/').filter((part) => part !== '');
  return /^(v\d+|api)$/.test(first) ? second : first === 'ops' ? 'operations' : 'service';
}

/** `orders.place`, of OrdersController. */
function operationIdOf({ controller, handler }: Route): string {
  const name = controller.name.replace(/Controller$/, '');
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}.${handler}`;
}

/** Who asks is written down. */
function isByOperator({ parameters }: ts.MethodDeclaration): boolean {
  return parameters.some((one) =>
    ts.getDecorators(one)?.some(({ expression }) => expression.getText() === 'Operator()'),
  );
}

/** The first sentence, and what follows it. @throws where there is none */
function described(text: string, operation: string): object {
  const [, summary, description] = /^(.+?)(?:\.(?:\s+(.+))?)?$/s.exec(text) ?? [];
  if (summary === undefined) throw new Error(`no doc comment says what ${operation} is for`);
  return { summary, ...(description !== undefined && { description }) };
}

function answersOf(
  { route, method, reached }: Facts,
  { answers, examples }: Known,
): Record<string, Response> {
  const schema = answers.schemaOf(method);
  const statuses = [...new Set([route.status, ...reached.statuses])];
  const names = [...reached.headers, ...(route.config.isIdempotent ? ['idempotent-replayed'] : [])];
  const headers = names.map((name): [string, object] => [name, { schema: { type: 'string' } }]);
  const texts = [...reached.mediaTypes, ...(answers.isText(method) ? ['text/plain'] : [])].map(
    (type) => [type, { schema: { type: 'string' } }],
  );
  const contentOf = (status: number): Record<string, object> => {
    const example = schema && examples.of(operationIdOf(route), status, schema);
    return {
      ...(schema && { 'application/json': { schema, example } }),
      ...(Object.fromEntries(texts) as object),
    };
  };
  return Object.fromEntries(
    statuses.map((status): [string, Response] => {
      const content = contentOf(status);
      const isEmpty = status === 204 || Object.keys(content).length === 0;
      const description = descriptions[status] ?? 'Done';
      if (isEmpty) return [`${status}`, { description }];
      const given = headers.length > 0 && { headers: Object.fromEntries(headers) };
      return [`${status}`, { description, ...given, content }];
    }),
  );
}

const descriptions: Record<number, string> = {
  200: 'Done',
  201: 'Made',
  202: 'Begun',
  204: 'Done; there is nothing to say',
  503: 'Not now',
};

/** A status may be one of an answer and of problems; what is of problems alone has a name. */
function merged(
  answers: Record<string, Response>,
  problems: readonly KnownProblem[],
  named: Record<string, object>,
): Record<string, object> {
  const result: Record<string, object> = { ...answers };
  for (const { status, name, response } of problemResponses(problems)) {
    const { [status]: answer } = answers;
    if (answer) {
      const headers = { ...answer.headers, ...response.headers };
      result[status] = {
        description: `${answer.description}. ${response.description}`,
        ...(Object.keys(headers).length > 0 && { headers }),
        content: { ...answer.content, ...response.content },
      };
    } else {
      named[name] = response;
      result[status] = { $ref: `#/components/responses/${name}` };
    }
  }
  return result;
}
