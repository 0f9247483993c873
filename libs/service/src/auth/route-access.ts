import { PATH_METADATA } from '@nestjs/common/constants';
import { AddRouteConfig, configOf } from '../http/route-config';
import type { ScopeName } from './scopes';

/** Who may use a route. */
export type RouteAccess =
  | { scope: ScopeName; customers?: 'own' }
  /** Why it is open. */
  | { open: string; limited?: false };

interface Declares {
  access?: RouteAccess;
}

/** Of a handler; or of a controller, for those of its handlers that declare nothing. */
type AccessDecorator = ClassDecorator & MethodDecorator;

/**
 * A route for callers whose token has this scope. Customers' tokens are refused, unless the handler
 * gives a customer its own alone and says so: `{ customers: 'own' }`.
 */
export const Scope = (scope: ScopeName, { customers }: { customers?: 'own' } = {}) =>
  declare({ scope, ...(customers && { customers }) });

/**
 * A route that anybody may use, and why: `@Open('probes have no token')`.
 * @param more `limited: false`: as often as they like, such as a gateway whose calls are signed
 */
export const Open = (why: string, more: { limited?: false } = {}) =>
  declare({ open: why, ...more });

/** What a route, or its handler, declares; undefined: nothing. */
export function accessOf(config: object | undefined): RouteAccess | undefined {
  return (config as Declares | undefined)?.access;
}

function declare(access: RouteAccess): AccessDecorator {
  const ofHandler = AddRouteConfig({ access } satisfies Declares);
  return (target: object, name?: string | symbol, descriptor?: PropertyDescriptor) => {
    if (name !== undefined && descriptor) {
      ofHandler(target, name, descriptor);
      return;
    }
    const { prototype } = target as { prototype: object };
    for (const [method, one] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      const handler: unknown = one.value;
      if (typeof handler !== 'function' || !Reflect.hasMetadata(PATH_METADATA, handler)) continue;
      if (!accessOf(configOf(handler))) ofHandler(prototype, method, one);
    }
  };
}
