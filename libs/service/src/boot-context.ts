import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServerConfig } from './config/server-config';
import type { ServiceLogger } from './logging/service-logger';

/**
 * Config and logger of the application that is being created. A module is written before its
 * environment is known, and tests create several services, each with its own, in one process.
 */
export const bootContext = new AsyncLocalStorage<{ config: ServerConfig; logger: ServiceLogger }>();
