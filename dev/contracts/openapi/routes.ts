import type { RouteAccess } from '@tradepost/service';
import { type DynamicModule, RequestMethod, type Type } from '@nestjs/common';
import {
  GUARDS_METADATA,
  HTTP_CODE_METADATA,
  METHOD_METADATA,
  MODULE_METADATA,
  PATH_METADATA,
  ROUTE_ARGS_METADATA,
} from '@nestjs/common/constants';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum';
import { APP_GUARD } from '@nestjs/core';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants';

/** A route as the decorators of its controller declare it. */
export interface Route {
  controller: Type;
  /** The name of the method. */
  handler: string;
  method: string;
  /** As OpenAPI writes it: `/v1/orders/{id}`. */
  path: string;
  /** Of an answer that is no problem, unless the code says otherwise. */
  status: number;
  guards: Type[];
  inputs: Input[];
  /** What decorators say to Fastify. */
  config: { isIdempotent?: boolean; keepsRawBody?: boolean; access?: RouteAccess };
}

export interface Input {
  in: 'body' | 'query' | 'path' | 'header';
  /** Of a single one; undefined: all of them. */
  name?: string;
  /** The class of all of them, or what TypeScript emits for the type of one. */
  type: Type;
}

const kinds: Partial<Record<number, Input['in']>> = {
  [RouteParamtypes.BODY]: 'body',
  [RouteParamtypes.QUERY]: 'query',
  [RouteParamtypes.PARAM]: 'path',
  [RouteParamtypes.HEADERS]: 'header',
};

/** Of a service, with those of ServiceModule; in the order in which they are mounted. */
export function routesOf(module: Type): Route[] {
  const seen = new Set<unknown>();
  const globalGuards = globalGuardsOf(module);
  return controllersOf(module, seen).flatMap((controller) => routesIn(controller, globalGuards));
}

function controllersOf(module: Type | DynamicModule, seen: Set<unknown>): Type[] {
  if (seen.has(module)) return [];
  seen.add(module);
  const isDynamic = 'module' in module;
  const type = isDynamic ? module.module : module;
  const declared = <T>(key: string): T[] => (Reflect.getMetadata(key, type) ?? []) as T[];
  const imports = declared<Type | DynamicModule>(MODULE_METADATA.IMPORTS);
  const all = isDynamic ? [...imports, ...((module.imports ?? []) as DynamicModule[])] : imports;
  const own = isDynamic ? (module.controllers ?? []) : [];
  const inner = all.flatMap((one) => controllersOf(one, seen));
  return [...inner, ...declared<Type>(MODULE_METADATA.CONTROLLERS), ...own];
}

function globalGuardsOf(module: Type): Type[] {
  const providers = (Reflect.getMetadata(MODULE_METADATA.PROVIDERS, module) ?? []) as {
    provide?: unknown;
    useClass?: Type;
  }[];
  return providers.flatMap(({ provide, useClass }) =>
    provide === APP_GUARD && useClass ? [useClass] : [],
  );
}

function routesIn(controller: Type, globalGuards: Type[]): Route[] {
  const prefix = Reflect.getMetadata(PATH_METADATA, controller) as string;
  const prototype = controller.prototype as Record<string, object>;
  const methods = Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor');
  return methods.flatMap((handler): Route[] => {
    const target = prototype[handler];
    const metadata = <T>(key: string) =>
      typeof target === 'function'
        ? (Reflect.getMetadata(key, target) as T | undefined)
        : undefined;
    const path = metadata<string>(PATH_METADATA);
    if (target === undefined || path === undefined) return [];
    const number = metadata<RequestMethod>(METHOD_METADATA) ?? RequestMethod.GET;
    const guards = [controller, target].flatMap(
      (one) => (Reflect.getMetadata(GUARDS_METADATA, one) ?? []) as Type[],
    );
    return [
      {
        controller,
        handler,
        method: RequestMethod[number].toLowerCase(),
        path: join(prefix, path),
        status: metadata<number>(HTTP_CODE_METADATA) ?? (number === RequestMethod.POST ? 201 : 200),
        guards: [...globalGuards, ...guards],
        inputs: inputsOf(controller, handler),
        config: metadata<Route['config']>(FASTIFY_ROUTE_CONFIG_METADATA) ?? {},
      },
    ];
  });
}

function join(...parts: string[]): string {
  const path = parts.flatMap((part) => part.split('/')).filter((part) => part !== '');
  return `/${path.map((part) => part.replace(/^:(.+)$/, '{$1}')).join('/')}`;
}

function inputsOf(controller: Type, handler: string): Input[] {
  const declared = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, handler) ?? {}) as Record<
    string,
    { index: number; data?: unknown }
  >;
  const types = Reflect.getMetadata(
    'design:paramtypes',
    controller.prototype as object,
    handler,
  ) as Type[];
  return Object.entries(declared).flatMap(([key, { index, data }]) => {
    const kind = kinds[Number(key.split(':', 1)[0])];
    const type = types[index];
    if (kind === undefined || type === undefined) return [];
    return [{ in: kind, type, ...(typeof data === 'string' && { name: data }) }];
  });
}
