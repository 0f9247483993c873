import {
  defaultAssertQueueErrorHandler,
  type MessageHandlerOptions,
  type RabbitHandlerConfig,
  resolveHandlerConfigs,
} from '@golevelup/nestjs-rabbitmq';
import { defaultRetry } from '../consume/retry-tiers';
import { contractMetaKey } from '../handlers/decorators';
import type { Method } from '../handlers/discovery';
import type { Handler, Wiring } from '../handlers/handler';
import type { Problem, RabbitMQOptions } from './config';
import { type Places, queueProblems, tagChanges } from './places';

/** A method, and what its decorator and the configuration say of it. */
export interface Registration {
  /** `Class.method` */
  name: string;
  options: RabbitHandlerConfig;
  invoke: Handler['invoke'];
}

/** As golevelup finds them: by their names in `handlers`, and for this connection. */
export function registrationsOf(
  { name, method, meta, invoke = notBuilt }: Found,
  config: RabbitMQOptions,
): Registration[] {
  const { name: connection = 'default', handlers = {}, defaultHandler = '' } = config;
  if (meta.connection && meta.connection !== connection) return [];
  const isOurs = Reflect.hasMetadata(contractMetaKey, method);
  if (isOurs) return [{ name, options: { ...meta, ...ofContract }, invoke }];
  const named = resolveHandlerConfigs(handlers, meta.name || defaultHandler);
  return named.map((more) => ({ name, options: { ...meta, ...more }, invoke }));
}

/** Without `invoke` where nothing is to run. */
type Found = Omit<Method, 'invoke'> & Partial<Pick<Method, 'invoke'>>;

const notBuilt = async (): Promise<never> => {
  throw new Error('read off a module alone');
};

/** Refused below. */
const ofContract: object = { contract: true };

const known = new Set([
  'type',
  'name',
  'connection',
  'exchange',
  'routingKey',
  'bindings',
  'queue',
  'queueOptions',
  'errorBehavior',
  'errorHandler',
  'assertQueueErrorHandler',
  'allowNonJsonMessages',
  'createQueueIfNotExists',
  'usePersistentReplyTo',
  'deserializer',
  'batchOptions',
]);

const whyNot: Record<string, string> = {
  contract: 'handlers of contracts are for MessagingModule',
};

/** Of a handler's options. */
export function problemsOfHandler({ name, options }: Registration): Problem[] {
  const { queue = '', queueOptions = {}, assertQueueErrorHandler } = options;
  const { consumerOptions = {}, ...ofQueue } = queueOptions;
  const problems: Problem[] = queueProblems(`${name}.queueOptions`, ofQueue);
  if (queue === '') {
    const why = 'name the queue: a nameless one is left behind at each start, with its messages';
    problems.push([`${name}.queue`, why]);
  }
  for (const option of Object.keys(options)) {
    if (!known.has(option)) problems.push([`${name}.${option}`, whyNot[option] ?? 'is not known']);
  }
  if (![undefined, defaultAssertQueueErrorHandler].includes(assertQueueErrorHandler)) {
    const why = 'a queue that differs is replaced by messaging-topology, which keeps its messages';
    problems.push([`${name}.assertQueueErrorHandler`, why]);
  }
  for (const [option, why] of Object.entries(consumerProblems)) {
    if (!(option in consumerOptions)) continue;
    problems.push([`${name}.queueOptions.consumerOptions.${option}`, why]);
  }
  return problems;
}

const consumerProblems = {
  consumerTag: tagChanges,
  exclusive: 'give the queue x-single-active-consumer: the others take over then',
  arguments: 'give priority; there is no other',
};

export function wiringOf(
  { name, options }: Registration,
  places: Places,
  config: RabbitMQOptions,
): Wiring {
  const { type, queue = '', queueOptions } = options;
  const { retry = defaultRetry } = config;
  const { name: _, ...shape } = places.queue(queue, options);
  const bound = places.boundBy(queue, options);
  const priority = queueOptions?.consumerOptions?.priority;
  const kind = type === 'rpc' ? 'rpc' : 'work';
  return { name, kind, queue, bindings: [], retry, shape, places: bound, priority };
}

/** Of the channel that a handler names; of the one that is the default. */
export function prefetchOf(options: MessageHandlerOptions, config: RabbitMQOptions): number {
  const { channels = {}, prefetchCount = defaultPrefetch } = config;
  const named = channels[options.queueOptions?.channel ?? ''];
  const channel = named ?? Object.values(channels).find((one) => one.default);
  return channel?.prefetchCount || prefetchCount;
}

const defaultPrefetch = 10;
