import './telemetry/telemetry';
export { Caller } from './auth/caller';
export { ClientToken, type ClientCredentials, TokenUnavailable } from './auth/client-token';
export { fixedToken, type TokenSource, tokenSourceOf } from './auth/command-token';
export { accessOf, Open, type RouteAccess, Scope } from './auth/route-access';
export { type ScopeName, scopes } from './auth/scopes';
export { type TokenRules, TokenVerifier } from './auth/token-verifier';
export { admit, verifierOf } from './auth/authenticate';
export { createService } from './create-service';
export {
  bulkPageMax,
  decodeCursor,
  encodeCursor,
  type Page,
  pageMax,
  pageQuery,
  PageQuery,
  toPage,
} from './http/page';
export { EventStream } from './http/event-stream';
export { eventStreamHeaders, EventStreams, tooManyStreams } from './http/event-streams';
export { StreamWatch } from './http/stream-watch';
export { EventStreamConfig } from './config/event-stream-config';
export { IsFieldFilter } from './http/field-filter';
export { Idempotency } from './http/idempotency/idempotency';
export { IdempotencyModule } from './http/idempotency/idempotency.module';
export { Idempotent } from './http/idempotency/idempotent';
export { Periodic } from './jobs/periodic';
export { prefers } from './http/content-negotiation';
export { postWebhook, reasonOf, webhookIdOf } from './http/post-webhook';
export { keysOf, signatureBy, verifyByAny } from './http/webhook-keys';
export {
  type Fault,
  type HttpReply,
  invalidRequest,
  notFound,
  Problem,
  type ProblemDetails,
  routeNotFound,
  sendProblem,
} from './http/problem';
export { BadConfig, current, readConfig } from './config/read-config';
export { KeepRawBody, RawBody } from './http/raw-body';
export { OwnFigures } from './health/own-figures';
export type { Readiness } from './health/readiness';
export { IsIntBetween, IsRate, IsServerUrl, IsWebhookSecret } from './config/rules';
export { runService } from './run-service';
export { Metrics } from './metrics/metrics';
export type { Family } from './metrics/family';
export { ServerConfig } from './config/server-config';
export { ServiceConfig } from './config/service-config';
export { type Environment, readVariable } from './config/variable';
export { sendsOf, ServiceModule, serviceOptionsOf } from './service.module';
