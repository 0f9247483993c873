import { AddRouteConfig } from '../route-config';
import type { HttpReply } from '../problem';
import { currentRequest, type HttpRequest, idempotentRequestOf } from './idempotent-request';

interface MayBeIdempotent {
  isIdempotent?: boolean;
}

/** The part of Fastify's route that is used here. */
interface Route {
  config?: object;
  preValidation?: unknown;
  preSerialization?: unknown;
}

type Done = (error?: Error | null, payload?: unknown) => void;

/**
 * A POST that is done once for all requests with the same Idempotency-Key: its use case works in
 * `Idempotency.transaction`, and its handler returns what that returned. Needs `IdempotencyModule`.
 */
export const Idempotent = () => AddRouteConfig({ isIdempotent: true } satisfies MayBeIdempotent);

// Hooks, not an interceptor: Nest takes a request with one through rxjs and an AsyncResource, which
// costs as much as to validate its body.
export function readIdempotencyKeys(route: Route): void {
  if (!(route.config as MayBeIdempotent | undefined)?.isIdempotent) return;
  route.preValidation = readKey;
  route.preSerialization = showReplay;
}

function readKey(request: HttpRequest, _reply: unknown, done: Done): void {
  const idempotent = idempotentRequestOf(request);
  if (idempotent) currentRequest.run(idempotent, done);
  else done();
}

// Not called for a problem, which is sent as bytes.
function showReplay(_request: unknown, reply: HttpReply, payload: unknown, done: Done): void {
  const request = currentRequest.getStore();
  if (request?.answered === 'before') reply.header('idempotent-replayed', 'true');
  if (!request || request.answered) done(null, payload);
  else done(new Error(`${request.scope} kept no record of its key`));
}
