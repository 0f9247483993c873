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
import { contractMetaKey, type ContractMeta } from './decorators';
import { WiringError } from './errors';
import type { Binding, Handler } from './handler';
import { defaultRetry } from './tiers';

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
      const ours = contractMeta(discoveredMethod);
      const name = `${discoveredMethod.parentClass.name}.${discoveredMethod.methodName}`;
      const invoke = this.callable(discoveredMethod);
      return ours === undefined
        ? plainHandler(name, meta, invoke)
        : contractHandler(name, ours, service, invoke);
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

function contractMeta({ handler }: DiscoveredMethod): ContractMeta | undefined {
  return Reflect.getMetadata(contractMetaKey, handler) as ContractMeta | undefined;
}

function contractHandler(
  name: string,
  { contract, options }: ContractMeta,
  service: string,
  invoke: Handler['invoke'],
): Handler {
  const { prefetch, batch } = options;
  const common = { name, contract, prefetch, batch, retry: options.retry ?? defaultRetry, invoke };
  const { route } = contract;
  switch (route.kind) {
    case 'work':
    case 'rpc':
      return { ...common, kind: route.kind, queue: route.queue, bindings: [] };
    case 'fanout': {
      const bindings: Binding[] = [{ exchange: route.exchange, type: 'fanout', key: '' }];
      return { ...common, kind: 'fanout', queue: `${service}.${route.exchange}`, bindings };
    }
    case 'topic': {
      const { queue = '', key = '#' } = options;
      const bindings: Binding[] = [{ exchange: route.exchange, type: 'topic', key }];
      return { ...common, kind: 'topic', queue, bindings };
    }
  }
}

function plainHandler(
  name: string,
  config: RabbitHandlerConfig,
  invoke: Handler['invoke'],
): Handler {
  const { queue, exchange, routingKey = '' } = config;
  if (queue === undefined || queue === '') {
    throw new WiringError(`${name}: give its decorator a queue: { queue: '<service>.<message>' }`);
  }
  const keys = Array.isArray(routingKey) ? routingKey : [routingKey];
  const own = exchange ? keys.map((key) => ({ exchange, routingKey: key })) : [];
  const bindings = [...own, ...(config.bindings ?? [])].map((binding): Binding => ({
    exchange: binding.exchange,
    type: 'topic',
    key: binding.routingKey,
  }));
  const kind = config.type === 'rpc' ? 'rpc' : 'topic';
  return { name, kind, queue, bindings, retry: defaultRetry, invoke };
}

// The broker would hand each message to either handler, in turn.
function refuseSharedQueues(handlers: Handler[]): void {
  const owners = new Map<string, string>();
  for (const { name, queue } of handlers) {
    const other = owners.get(queue);
    if (other !== undefined) {
      throw new WiringError(
        `${other} and ${name} both take from the queue "${queue}", so each would miss messages. ` +
          'Keep one of them and call both use cases from it, or give one a queue of its own.',
      );
    }
    owners.set(queue, name);
  }
}
