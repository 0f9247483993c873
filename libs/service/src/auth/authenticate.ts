import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { ServerConfig } from '../config/server-config';
import { insufficientScope, notForCustomers, tokenRequired } from './auth-problems';
import { anyone, type AuthenticatedRequest, type Caller } from './caller';
import { accessOf, type RouteAccess } from './route-access';
import { EventStream } from '../http/event-stream';
import { Problem } from '../http/problem';
import { RequestLimits } from '../http/request-limits';
import { TokenVerifier } from './token-verifier';

/** What a timer can wait for at most: 24 days. */
const timerMaxMs = 2 ** 31 - 1;

/** A service whose route declares nothing does not start. */
export class UndeclaredRoute extends Error {
  constructor(readonly route: string) {
    super(`${route} says neither @Scope('…') nor @Open('why')`);
    this.name = 'UndeclaredRoute';
  }
}

/** Lets requests through by what their routes declare, before a body is read. */
export function authenticate(adapter: FastifyAdapter, config: ServerConfig): void {
  const fastify = adapter.getInstance();
  const verifier = verifierOf(config);
  const limits = new RequestLimits(adapter, config);
  fastify.addHook('onRoute', ({ method, url, config: declared }) => {
    // What answers a browser's question whether it may ask.
    if (method === 'OPTIONS' && url === '*') return;
    if (!accessOf(declared)) throw new UndeclaredRoute(`${[method].flat().join(',')} ${url}`);
  });
  if (!verifier && !limits.counts) {
    fastify.decorateRequest('caller', { getter: () => anyone });
    return;
  }
  fastify.decorateRequest('caller', undefined);
  fastify.addHook('onRequest', async (request, reply) => {
    const access = accessOf(request.routeOptions.config);
    if (access && 'open' in access && access.limited === false) return;
    if (!access || 'open' in access) return limits.request(request, reply);
    const { authorization } = request.headers;
    const asked = verifier ? callerOf(verifier, authorization) : anyone;
    const caller = await Promise.resolve(asked).catch(async (error: unknown) => {
      if (isOfToken(error)) await limits.failure(request);
      throw error;
    });
    (request as AuthenticatedRequest).caller = caller;
    await limits.request(request, reply);
    if (verifier) admit(caller, access);
  });
  fastify.addHook('onSend', async (request, _reply, payload) => {
    const { caller } = request as AuthenticatedRequest;
    if (caller?.expiresAt !== undefined && payload instanceof EventStream) {
      limits.stream(caller, payload);
      endAt(caller.expiresAt, payload);
    }
    return payload;
  });
}

/** It is not good, or none; otherwise nobody can say, and its sender is not to blame. */
function isOfToken(error: unknown): boolean {
  return error instanceof Problem && error.details.status === 401;
}

/** A stream ends with the token that opened it; its reader comes again with a new one. */
function endAt(epochMs: number, stream: EventStream): void {
  const ms = Math.min(Math.max(epochMs - Date.now(), 0), timerMaxMs);
  const timer = setTimeout(() => stream.finish(), ms).unref();
  stream.once('close', () => clearTimeout(timer));
}

/** Undefined: AUTH=none lets everyone in. */
export function verifierOf(config: ServerConfig): TokenVerifier | undefined {
  if (config.AUTH === 'none') return undefined;
  return new TokenVerifier({
    jwksUrl: config.AUTH_JWKS_URL,
    jwksIntervalMs: config.AUTH_JWKS_INTERVAL_S * 1_000,
    issuer: config.AUTH_ISSUER,
    audience: config.AUTH_AUDIENCE,
    clockSkewSeconds: config.AUTH_CLOCK_SKEW_S,
  });
}

async function callerOf(verifier: TokenVerifier, authorization = ''): Promise<Caller> {
  const [, token] = /^Bearer +(\S+) *$/i.exec(authorization) ?? [];
  if (token === undefined) throw tokenRequired();
  return verifier.verify(token);
}

/** @throws Problem 403 */
export function admit(
  caller: Caller,
  { scope, customers }: Exclude<RouteAccess, { open: string }>,
): void {
  if (!caller.scopes.has(scope)) throw insufficientScope(scope);
  if (caller.customer !== undefined && customers !== 'own') throw notForCustomers();
}
