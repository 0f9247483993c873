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
    const methods =
      await this.discovery.providerMethodsWithMetaAtKey<RabbitHandlerConfig>(RABBIT_HANDLER);
    const handlers = methods.map(({ discoveredMethod, meta }) => {
      const { parentClass, methodName, handler } = discoveredMethod;
      const name = `${parentClass.name}.${methodName}`;
      return { ...wiringOf(name, handler, meta, service), invoke: this.callable(discoveredMethod) };
    });
    refuseSharedQueues(handlers);
    return handlers;
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
