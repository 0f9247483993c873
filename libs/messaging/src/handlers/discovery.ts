import {
  RABBIT_CONTEXT_TYPE_KEY,
  RABBIT_HANDLER,
  RabbitRpcParamsFactory,
  type RabbitHandlerConfig,
} from '@golevelup/nestjs-rabbitmq';
import { DiscoveryService, type DiscoveredMethod } from '@golevelup/nestjs-discovery';
import { Injectable } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants';
import { ExternalContextCreator } from '@nestjs/core';
import type { Handler } from './handler';
import { refuseSharedQueues, wiringOf } from './wiring';

export interface Method {
  /** `Class.method` */
  name: string;
  method: object;
  meta: RabbitHandlerConfig;
  /** With its guards, pipes, interceptors and filters around it. */
  invoke: Handler['invoke'];
}

/** Finds every decorated method and makes a `Handler` of it. */
@Injectable()
export class Discovery {
  private readonly paramsFactory = new RabbitRpcParamsFactory();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly contexts: ExternalContextCreator,
  ) {}

  /** @throws WiringError two handlers on one queue, or a plain handler without a queue */
  async handlers(service: string): Promise<Handler[]> {
    const handlers = (await this.methods()).map(({ name, method, meta, invoke }) => {
      return { ...wiringOf(name, method, meta, service), invoke };
    });
    refuseSharedQueues(handlers);
    return handlers;
  }

  /** Every method with a decorator of golevelup's. */
  async methods(inControllers = false): Promise<Method[]> {
    const { discovery } = this;
    const found = [
      await discovery.providerMethodsWithMetaAtKey<RabbitHandlerConfig>(RABBIT_HANDLER),
      inControllers
        ? await discovery.controllerMethodsWithMetaAtKey<RabbitHandlerConfig>(RABBIT_HANDLER)
        : [],
    ];
    return found.flat().map(({ discoveredMethod, meta }) => {
      const { parentClass, methodName, handler } = discoveredMethod;
      const name = `${parentClass.name}.${methodName}`;
      return { name, method: handler, meta, invoke: this.callable(discoveredMethod) };
    });
  }

  private callable({ parentClass, methodName, handler }: DiscoveredMethod): Handler['invoke'] {
    return this.contexts.create(
      parentClass.instance,
      handler,
      methodName,
      ROUTE_ARGS_METADATA,
      this.paramsFactory,
      undefined,
      undefined,
      undefined,
      RABBIT_CONTEXT_TYPE_KEY,
    );
  }
}
