import { FastifyAdapter } from '@nestjs/platform-fastify';
import { currentTrace, withTrace } from '@tradepost/messaging';
import { refuseConnection } from './client-error';
import { readIdempotencyKeys } from './idempotency/idempotent';
import { type HttpReply, Problem, routeNotFound, sendProblem } from './problem';
import { keepRawBody } from './raw-body';

type Fastify = ReturnType<typeof fastifyOf>;

// Making instances of a body's classes takes quadratic time in its fields: a megabyte of short ones
// would block the process for six seconds. An order of 100 items is 15 kB.
const bodyBytesMax = 131_072;
const requestTimeoutMs = 30_000;

const json = /^application\/([\w.-]+\+)?json\s*(;|$)/;

/** Fastify below the controllers: parsing of bodies, traces of requests, wrong methods. */
export function createHttpAdapter(): FastifyAdapter {
  const adapter = new FastifyAdapter({
    bodyLimit: bodyBytesMax,
    requestTimeout: requestTimeoutMs,
    return503OnClosing: true,
    clientErrorHandler: refuseConnection,
    frameworkErrors: (_error: unknown, { url: detail }: { url: string }, reply: object) => {
      const title = 'The address cannot be decoded';
      const problem = { status: 400, type: 'malformed-address', title, detail };
      sendProblem(reply as HttpReply, new Problem(problem));
    },
  });
  const fastify = fastifyOf(adapter);
  parseJson(fastify);
  traceRequests(fastify);
  fastify.addHook('onRoute', readIdempotencyKeys);
  refuseWrongMethods(fastify);
  return adapter;
}

// Its return type is Fastify's own, without a dependency on the package beside Nest's.
function fastifyOf(adapter: FastifyAdapter) {
  return adapter.getInstance();
}

// Fastify's own parser, wrapped: its errors would otherwise reach the filter without their reason.
// It ignores a field named __proto__, which validation refuses as an unknown field.
function parseJson(fastify: Fastify): void {
  const parse = fastify.getDefaultJsonParser('ignore', 'ignore');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(json, { parseAs: 'string' }, (request, body, done) => {
    keepRawBody(request, body as string);
    void parse(request, body as string, (error, value) => {
      if (!error) return done(null, value);
      const title = 'The request body is not JSON';
      done(new Problem({ status: 400, type: 'malformed-json', title, detail: error.message }));
    });
  });
}

// After the body has been read: its events come from the socket, outside of any trace.
function traceRequests(fastify: Fastify): void {
  fastify.addHook('preValidation', (request, reply, done) => {
    const { traceparent } = request.headers;
    withTrace(typeof traceparent === 'string' ? traceparent : undefined, () => {
      const trace = currentTrace();
      if (trace) reply.header('traceresponse', trace.traceparent);
      done();
    });
  });
}

// A known address with a method it does not have is a 405, which neither Nest nor Fastify says.
function refuseWrongMethods(fastify: Fastify): void {
  const routes: { pattern: RegExp; method: string }[] = [];
  fastify.addHook('onRoute', ({ url, method }) => {
    const literal = url.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
    const pattern = new RegExp(`^${literal.replace(/:[^/]+/g, '[^/]+')}$`);
    for (const one of [method].flat()) routes.push({ pattern, method: one });
  });
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (!request.is404) return done();
    const path = request.url.split('?', 1)[0] ?? '';
    const allow = routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    done(allow.length > 0 ? methodNotAllowed(request.method, path, allow) : routeNotFound(path));
  });
}

function methodNotAllowed(method: string, path: string, allow: string[]): Problem {
  return new Problem({
    status: 405,
    type: 'method-not-allowed',
    title: 'This address does not have that method',
    detail: `${method} ${path}: use ${allow.join(' or ')}`,
    headers: { allow: allow.join(', ') },
  });
}
