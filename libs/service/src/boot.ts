import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServerConfig } from './config/server-config';
import type { ServiceLogger } from './logging/service-logger';

/**
 * What the application being created right now shall have. A module is written before its
 * environment is known, and tests create several services, each with its own, in one process.
 */
export const boot = new AsyncLocalStorage<{ config: ServerConfig; logger: ServiceLogger }>();
