import type { Type } from '@nestjs/common';
import type { Wiring } from '@tradepost/messaging';
import { serviceOptionsOf } from '@tradepost/service';
import { commentsIn } from '../doc-comments';
import type { Schema } from '../schema';
import { schemasOf } from '../schemas';
import { Answers } from './answers';
import { Examples } from './examples';
import { operationOf, tagOf } from './operation';
import { exampleOf, otherProblem, problemsOf } from './problems';
import { type KnownProblem, reach } from './reach';
import { type Route, routesOf } from './routes';
import { samplesOfOps, samplesOfService } from './ops-samples';
import { shopSamples } from './shop-samples';
import type { Sources } from './sources';

export interface App {
  name: string;
  port: number;
  module: Type;
  /** One of its handlers; undefined: it has none. */
  handler?: Wiring;
}

const tagDescriptions: Record<string, string> = {
  operations: 'For operators. With AUTH=none and no ops token configured none of them is there.',
  service: 'What it is, and how it is.',
};

const securitySchemes = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'With AUTH=jwt: a token with the scope. With AUTH=none everyone may.',
  },
  opsToken: { type: 'http', scheme: 'bearer', description: 'With AUTH=none: OPS_TOKEN.' },
};

/** The OpenAPI document of a service's HTTP API, from its code. */
export function openApiDocument(app: App, sources: Sources): object {
  const { name, port, module, handler } = app;
  const { about = '', api } = serviceOptionsOf(module);
  const routes = routesOf(module)
    .filter(({ path }) => !path.includes('*'))
    .sort((a, b) => rank(a) - rank(b) || compare(a.path, b.path));
  const answers = new Answers(sources);
  const requests = new Requests(name);
  const responses: Record<string, object> = { OtherProblem: otherProblem };
  const schemaOf = (type: Type) => requests.schemaOf(type);
  const own = routes.filter((route) => !Object.hasOwn(tagDescriptions, tagOf(route)));
  const samples = {
    ...shopSamples,
    ...samplesOfService({ name, about, api, routes: own }),
    ...(handler && samplesOfOps(name, handler)),
  };
  const examples = new Examples(samples, answers.schemas);
  const known = { sources, answers, examples, responses, schemaOf };
  const wellKnown = problemsOfLib(sources);
  const problems = new Map<string, KnownProblem>();
  const paths: Record<string, object> = {};
  for (const route of routes) {
    const facts = factsOf(name, route, sources, wellKnown);
    for (const problem of facts.problems) problems.set(problem.type, problem);
    for (const { type } of route.inputs.filter((input) => input.in === 'body')) requests.keep(type);
    paths[route.path] = { ...paths[route.path], [route.method]: operationOf(facts, known) };
  }
  answers.add(sources.interfaceOf('ProblemDetails'));
  const failures = [...problems].map(([type, problem]) => [type, exampleOf(problem)] as const);
  return {
    openapi: '3.1.1',
    info: {
      title: name,
      version: '0.1.0',
      ...(about !== undefined && { description: about }),
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: `http://localhost:${port}` }],
    tags: [...new Set(routes.map(tagOf))].map((tag) => {
      const description = tagDescriptions[tag];
      return { name: tag, ...(description !== undefined && { description }) };
    }),
    paths,
    components: {
      schemas: sorted({
        ...requests.schemas,
        ...withoutClashes(answers.schemas, requests.schemas),
      }),
      responses: sorted(responses),
      examples: sorted(Object.fromEntries(failures)),
      securitySchemes,
    },
  };
}

function factsOf(
  app: string,
  route: Route,
  sources: Sources,
  wellKnown: ReadonlyMap<string, KnownProblem>,
) {
  const method = sources.method(app, route.controller.name, route.handler);
  const guards = route.guards.map(({ name }) => sources.classOf(app, name));
  const checks = guards.flatMap(({ members }) =>
    members.filter((member) => member.name?.getText() === 'canActivate'),
  );
  const reached = reach(sources, [method, ...checks]);
  return { route, method, reached, problems: problemsOf(route, reached, wellKnown) };
}

/** All that libs/service may answer with, whatever the route. */
function problemsOfLib(sources: Sources): ReadonlyMap<string, KnownProblem> {
  const folders = ['libs/service/src/http/', 'libs/service/src/auth/'];
  return reach(
    sources,
    folders.flatMap((folder) => sources.filesIn(folder)),
  ).problems;
}

/** The schemas of the classes that say what requests may have. */
class Requests {
  readonly schemas: Record<string, Schema> = {};
  private readonly comments;

  constructor(app: string) {
    this.comments = new Map([...commentsIn('libs/service/src'), ...commentsIn(`apps/${app}/src`)]);
  }

  schemaOf(type: Type): Schema {
    return this.schemasOf(type)[type.name] ?? {};
  }

  /** The class of a body has a name in the document; a query is a list of parameters. */
  keep(type: Type): void {
    if (type !== Object) Object.assign(this.schemas, this.schemasOf(type));
  }

  private schemasOf(type: Type): Record<string, Schema> {
    return schemasOf([type], { unknown: 'refused', comments: this.comments });
  }
}

/** @throws where an answer has the name of a request, and is another thing */
function withoutClashes(
  schemas: Record<string, Schema>,
  others: Record<string, Schema>,
): Record<string, Schema> {
  for (const name of Object.keys(schemas)) {
    if (name in others) throw new Error(`a request and an answer have the name ${name}`);
  }
  return schemas;
}

/** The API first, then what each service has. */
function rank(route: Route): number {
  return ['operations', 'service'].indexOf(tagOf(route));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : 1;
}

function sorted<T>(entries: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(entries).sort(([a], [b]) => compare(a, b)));
}
