export { createService, type CreateServiceOptions } from './create-service';
export {
  bulkPageMax,
  type CursorKind,
  type CursorValue,
  decodeCursor,
  encodeCursor,
  type Page,
  pageMax,
  pageQuery,
  PageQuery,
  toPage,
} from './page';
export { Periodic } from './periodic';
export {
  type Fault,
  invalidRequest,
  Problem,
  type ProblemDetails,
  type ProblemOptions,
} from './problem';
export { BadConfig, type ConfigClass, type Environment, readConfig } from './read-config';
export type { Check, Readiness } from './readiness';
export { runService } from './run-service';
export { ServiceConfig } from './service-config';
export { ServiceModule, type ServiceOptions } from './service.module';
