import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants';

/** Nest's RouteConfig, which keeps what another decorator of the handler said. */
export function AddRouteConfig(config: object): MethodDecorator {
  return (target, name, descriptor) => {
    const handler = descriptor.value as object;
    const before = configOf(handler);
    applyDecorators(RouteConfig({ ...before, ...config }))(target, name, descriptor);
  };
}

/** What the decorators of a handler have said so far. */
export function configOf(handler: object): object | undefined {
  return Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, handler) as object | undefined;
}
