import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { ServerResponse } from 'node:http';
import { currentTrace, withTrace } from '@tradepost/messaging';
import { refuseTooMuch, serverBounds } from './bounds';
import { refuseConnection, refuseInTurn } from './client-error';
import { readIdempotencyKeys } from './idempotency/idempotent';
import { parseJsonBodies } from './json-body';
import { addSecurityHeaders } from './security-headers';
import type { ServerConfig } from '../config/server-config';
import { telemetry } from '../telemetry/telemetry';
import { nameRequestSpan } from './request-span';
import { type HttpReply, Problem, routeNotFound, sendProblem } from './problem';

type Fastify = ReturnType<typeof fastifyOf>;

// Making instances of a body's classes takes quadratic time in its fields: a megabyte of short ones
// would block the process for six seconds. An order of 100 items is 15 kB.
const bodyBytesMax = 131_072;
const requestTimeoutMs = 30_000;

/** Fastify below the controllers: parsing of bodies, traces of requests, wrong methods. */
export function createHttpAdapter({ TRUST_PROXY }: ServerConfig): FastifyAdapter {
  const adapter = new FastifyAdapter({
    http: serverBounds,
    trustProxy: trusted(TRUST_PROXY),
    bodyLimit: bodyBytesMax,
    requestTimeout: requestTimeoutMs,
    return503OnClosing: true,
    clientErrorHandler: refuseConnection,
    frameworkErrors: (_error: unknown, { url }: { url: string }, reply: object) => {
      sendProblem(reply as HttpReply, malformedAddress(url));
    },
  });
  const fastify = fastifyOf(adapter);
  addSecurityHeaders(adapter);
  refuseTooMuch(adapter);
  parseJsonBodies(adapter);
  traceRequests(fastify);
  fastify.addHook('onRoute', readIdempotencyKeys);
  refuseWrongMethods(fastify);
  refuseWrongQueries(fastify);
  continueInTurn(fastify);
  refuseInTurn(fastify.server);
  return adapter;
}

// Anybody may write X-Forwarded-For: it counts as far as those reach whom we run.
function trusted(proxies: string | undefined): number | string[] | false {
  if (proxies === undefined) return false;
  return /^\d+$/.test(proxies) ? Number(proxies) : proxies.split(',');
}

// Its return type is Fastify's own, without a dependency on the package beside Nest's.
function fastifyOf(adapter: FastifyAdapter) {
  return adapter.getInstance();
}

// After the body has been read: its events come from the socket, outside of any trace.
function traceRequests(fastify: Fastify): void {
  fastify.addHook('preValidation', (request, reply, done) => {
    const { traceparent } = request.headers;
    const begin = (): void => {
      const trace = currentTrace();
      if (trace) reply.header('traceresponse', trace.traceparent);
      done();
    };
    if (telemetry === undefined) {
      withTrace(typeof traceparent === 'string' ? traceparent : undefined, begin);
      return;
    }
    // Its span runs already, if it has one.
    nameRequestSpan(request);
    begin();
  });
}

// Behind an answer that is not sent yet Node puts `100 Continue` between a head and its bytes, and
// the client takes it for the body. It may be left out.
function continueInTurn({ server }: Fastify): void {
  server.on('checkContinue', (request, response: ServerResponse) => {
    if (response.socket !== null) response.writeContinue();
    server.emit('request', request, response);
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

// Fastify refuses a path that it cannot decode, but takes such a part of a query as it is.
function refuseWrongQueries(fastify: Fastify): void {
  fastify.addHook('onRequest', ({ url }, _reply, done) => {
    if (!url.includes('%') || isDecodable(url)) done();
    else done(malformedAddress(url));
  });
}

function isDecodable(url: string): boolean {
  try {
    decodeURIComponent(url);
    return true;
  } catch {
    return false;
  }
}

function malformedAddress(url: string): Problem {
  const title = 'The address cannot be decoded';
  return new Problem({ status: 400, type: 'malformed-address', title, detail: url });
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
