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
export { Idempotency } from './http/idempotency/idempotency';
export { IdempotencyModule } from './http/idempotency/idempotency.module';
export { Idempotent } from './http/idempotency/idempotent';
export { Periodic } from './jobs/periodic';
export { prefers } from './http/content-negotiation';
export {
  type Fault,
  invalidRequest,
  notFound,
  Problem,
  type ProblemDetails,
  type ProblemOptions,
} from './http/problem';
export { BadConfig, type ConfigClass, type Environment, readConfig } from './config/read-config';
export { KeepRawBody, RawBody, rawBodyOf, type RawRequest } from './http/raw-body';
export type { HttpReply } from './http/reply';
export type { Check, Readiness } from './health/readiness';
export { IsIntBetween, IsRate, IsServerUrl, IsWebhookSecret } from './config/rules';
export { runService } from './run-service';
export { ServerConfig } from './config/server-config';
export { ServiceConfig } from './config/service-config';
export { ServiceModule, serviceOptionsOf } from './service.module';
