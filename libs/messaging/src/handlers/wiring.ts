import { RABBIT_HANDLER, type RabbitHandlerConfig } from '@golevelup/nestjs-rabbitmq';
import type { DynamicModule, ForwardReference, Provider, Type } from '@nestjs/common';
import { MODULE_METADATA } from '@nestjs/common/constants';
import { contractMetaKey, type ContractMeta } from './decorators';
import { WiringError } from '../wiring-error';
import type { Binding, Wiring } from './handler';
import { defaultRetry } from '../consume/retry-tiers';
import { inOrderOf } from '../ordered/in-order';
import { fanoutType } from '../ordered/slots';

type Import = Type | DynamicModule | ForwardReference | Promise<DynamicModule>;

/** What a module and those that it imports list. */
export interface Listed {
  providers: Set<Type>;
  controllers: Set<Type>;
  /** Providers by a token. */
  others: Exclude<Provider, Type>[];
}

/** A method with a decorator of golevelup's. */
interface Decorated {
  /** `Class.method` */
  name: string;
  method: object;
  meta: RabbitHandlerConfig;
}

/**
 * The handlers of a service, read off its module's metadata: nothing is created, nothing runs.
 * @param service its name, which its fanout queues begin with
 * @throws WiringError two handlers on one queue, or a plain handler without a queue
 */
export function wiringsOf(module: Type, service: string): Wiring[] {
  const wirings = [...listedIn(module).providers]
    .flatMap(methodsOf)
    .map(({ name, method, meta }) => wiringOf(name, method, meta, service));
  refuseSharedQueues(wirings);
  return wirings;
}

export function listedIn(module: Type): Listed {
  const all: Listed = { providers: new Set(), controllers: new Set(), others: [] };
  collect(module, all, new Set());
  return all;
}

function collect(from: Import, all: Listed, seen: Set<unknown>): void {
  // What a promise will bring is a lib's business: a service lists its handlers itself.
  if (seen.has(from) || from instanceof Promise) return;
  seen.add(from);
  if ('forwardRef' in from)
    return collect((from as ForwardReference<() => Type>).forwardRef(), all, seen);
  const module = 'module' in from ? from.module : from;
  const dynamic: Partial<DynamicModule> = 'module' in from ? from : {};
  for (const provider of [...listed<Provider>(module, 'PROVIDERS'), ...(dynamic.providers ?? [])]) {
    if (typeof provider === 'function') all.providers.add(provider);
    else if ('useClass' in provider) all.providers.add(provider.useClass);
    else all.others.push(provider);
  }
  const controllers = [...listed<Type>(module, 'CONTROLLERS'), ...(dynamic.controllers ?? [])];
  for (const one of controllers) all.controllers.add(one);
  const imports = [...listed<Import>(module, 'IMPORTS'), ...(dynamic.imports ?? [])];
  for (const one of imports) collect(one, all, seen);
}

type List = 'PROVIDERS' | 'CONTROLLERS' | 'IMPORTS';

function listed<T>(module: Type, what: List): T[] {
  return (Reflect.getMetadata(MODULE_METADATA[what], module) ?? []) as T[];
}

export function methodsOf(provider: Type): Decorated[] {
  return [...functionsOf(provider)].flatMap(([name, method]) => {
    const meta = Reflect.getMetadata(RABBIT_HANDLER, method) as RabbitHandlerConfig | undefined;
    if (name === 'constructor' || meta === undefined) return [];
    return [{ name: `${provider.name}.${name}`, method, meta }];
  });
}

/** Its methods and those that it inherits, by their names. */
export function functionsOf({ prototype: own }: Type): Map<string, object> {
  const methods = new Map<string, object>();
  let prototype: unknown = own;
  while (prototype !== null && prototype !== Object.prototype) {
    const all = Object.getOwnPropertyDescriptors(prototype as object);
    for (const [name, { value }] of Object.entries(all)) {
      if (typeof value === 'function' && !methods.has(name)) methods.set(name, value as object);
    }
    prototype = Object.getPrototypeOf(prototype);
  }
  return methods;
}

/** AMQP's 255 bytes, less what names beside it end in, such as `.dead.returning`. */
const queueNameMax = 240;

/** @param name `Class.method` @throws WiringError a plain handler without a queue, a long name */
export function wiringOf(
  name: string,
  method: object,
  meta: RabbitHandlerConfig,
  service: string,
): Wiring {
  const ours = Reflect.getMetadata(contractMetaKey, method) as ContractMeta | undefined;
  const wiring = ours === undefined ? plainWiring(name, meta) : contractWiring(name, ours, service);
  const length = Buffer.byteLength(wiring.queue);
  if (length > queueNameMax) {
    const has = `its queue's name has ${length} bytes, ${queueNameMax} at most`;
    throw new WiringError(`${name}: ${has}: other queues are named after it`);
  }
  return wiring;
}

function contractWiring(
  name: string,
  { contract, options }: ContractMeta,
  service: string,
): Wiring {
  const { retry = defaultRetry, prefetch, batch, singleActive, priority } = options;
  const inOrder = inOrderOf(name, contract, options);
  const common = { name, contract, prefetch, batch, retry, singleActive, priority, inOrder };
  const { route } = contract;
  switch (route.kind) {
    case 'work':
    case 'rpc':
      return { ...common, kind: route.kind, queue: route.queue, bindings: [] };
    case 'fanout': {
      const type = fanoutType(route);
      const key = type === 'fanout' ? '' : '#';
      const bindings: Binding[] = [{ exchange: route.exchange, type, key }];
      return { ...common, kind: 'fanout', queue: `${service}.${route.exchange}`, bindings };
    }
    case 'topic': {
      const { queue = '', key = '#', keepNewest } = options;
      const bindings: Binding[] = [{ exchange: route.exchange, type: 'topic', key }];
      return { ...common, kind: 'topic', queue, bindings, keepNewest };
    }
  }
}

function plainWiring(name: string, config: RabbitHandlerConfig): Wiring {
  const { queue, exchange, routingKey = '', queueOptions } = config;
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
  const args = queueOptions?.arguments as Record<string, unknown> | undefined;
  const singleActive = args?.['x-single-active-consumer'] === true;
  const priority = queueOptions?.consumerOptions?.priority;
  return { name, kind, queue, bindings, retry: defaultRetry, singleActive, priority };
}

// The broker would hand each message to either handler, in turn.
export function refuseSharedQueues(handlers: Wiring[]): void {
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
