import type { ArgumentsHost } from '@nestjs/common';
import { BaseRpcExceptionFilter } from '@nestjs/microservices';

/** By the context of a call: what its handler threw, before a filter made an answer of it. */
const thrownBy = new WeakMap<object, unknown>();

type Catch = typeof BaseRpcExceptionFilter.prototype.catch;

let isWatching = false;

/**
 * Nest makes `Internal server error` of whatever a handler throws, and has no hook before that. A
 * dead letter needs the reason, and who retries needs to know whether it can help.
 */
export function watchThrown(): void {
  if (isWatching) return;
  isWatching = true;
  const { prototype } = BaseRpcExceptionFilter;
  const original: Catch = Reflect.get<typeof prototype, 'catch'>(prototype, 'catch');
  prototype.catch = function (this: BaseRpcExceptionFilter, exception, host: ArgumentsHost) {
    const context: unknown = host.getArgByIndex(1);
    if (typeof context === 'object' && context !== null) thrownBy.set(context, exception);
    return original.call(this, exception, host);
  };
}

/** @returns what the handler threw, or what a filter of the service made of it */
export function thrownIn(context: object, answered: unknown): unknown {
  return thrownBy.get(context) ?? answered;
}
