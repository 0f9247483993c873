import { AmqpConnectionManager, RABBIT_CONFIG_TOKEN } from '@golevelup/nestjs-rabbitmq';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleInit,
  Optional,
} from '@nestjs/common';
import { isDeepStrictEqual } from 'node:util';
import { type Consuming, Engine } from '../engine';
import { asError } from '../errors';
import { WiringError } from '../wiring-error';
import { Discovery } from '../handlers/discovery';
import type { Wiring } from '../handlers/handler';
import { refuseSharedQueues } from '../handlers/wiring';
import { messagingOptions } from '../messaging-options';
import { merge } from '../topology/topology';
import { BatchProcessor, batchOf } from './batch-processor';
import { type Problem, problemsOf, refuse, type RabbitMQOptions, urisOf } from './config';
import { Places } from './places';
import { RabbitConnection } from './rabbit-connection';
import {
  prefetchOf,
  problemsOfHandler,
  type Registration,
  registrationsOf,
  wiringOf,
} from './registration';
import { RpcAnswers } from './rpc-answers';
import { type Subscriber, SubscribeProcessor } from './subscribe-processor';

/** Takes for every method that golevelup would take for. */
@Injectable()
export class RabbitRuntime
  implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown
{
  readonly engine: Engine;
  readonly connection: RabbitConnection;
  private readonly places: Places;

  /** @throws WiringError an option that cannot keep the guarantee, by its name */
  constructor(
    @Inject(RABBIT_CONFIG_TOKEN) readonly config: RabbitMQOptions,
    private readonly discovery: Discovery,
    connections: AmqpConnectionManager,
    @Optional() @Inject(messagingOptions) other: unknown,
  ) {
    if (other !== undefined) {
      throw new WiringError('RabbitMQModule and MessagingModule would both take for each handler');
    }
    this.places = new Places(config);
    refuse([...problemsOf(config), ...this.places.problems]);
    const { name = 'default', service = name, drainTimeoutMs, consumerCheckMs } = config;
    const amqpUrl = urisOf(config);
    const { connectionOptions: socketOptions } = config.connectionManagerOptions ?? {};
    const settings = { service, amqpUrl, socketOptions, drainTimeoutMs, consumerCheckMs };
    this.engine = new Engine(settings, config.database);
    this.connection = new RabbitConnection(config, this.engine, this.places);
    connections.addConnection(this.connection);
    // What no handler needs is there again when the broker is.
    this.engine.publishing.onUp(() => void this.declareAll());
  }

  onModuleInit(): void {
    this.engine.startSpeaking();
  }

  /** @throws WiringError, TopologyRefused, PermissionMissing */
  async onApplicationBootstrap(): Promise<void> {
    const { registerHandlers = true, enableControllerDiscovery = false } = this.config;
    const methods = registerHandlers ? await this.discovery.methods(enableControllerDiscovery) : [];
    const all = methods.flatMap((method) => registrationsOf(method, this.config));
    try {
      refuse(all.flatMap(problemsOfHandler));
      await this.engine.start(this.consumingOf(all), this.places.all);
    } catch (error) {
      await this.engine.stop();
      throw error;
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.engine.stop();
  }

  private consumingOf(all: readonly Registration[]): Consuming[] {
    const subscribers = all.filter(({ options }) => options.type !== 'rpc');
    const questions = all.filter(({ options }) => options.type === 'rpc');
    const queues = [...new Set(questions.map(({ options }) => options.queue))];
    const consuming = [
      ...subscribers.map((one) => this.subscribing(one)),
      ...queues.map((queue) =>
        this.answering(questions.filter((one) => one.options.queue === queue)),
      ),
    ];
    refuseSharedQueues(consuming.map(({ wiring }) => wiring));
    return consuming;
  }

  private subscribing(registration: Registration): Consuming {
    const { log, publisher } = this.engine;
    const subscriber = this.subscriberOf(registration);
    const { wiring } = subscriber;
    const prefetch = prefetchOf(registration.options, this.config);
    const batch = batchOf(subscriber, prefetch);
    if (batch === undefined) {
      return { wiring, prefetch, processor: new SubscribeProcessor(subscriber, publisher, log) };
    }
    const processor = new BatchProcessor(subscriber, publisher, log, batch);
    // A batch that the prefetch cannot hold would never be full.
    return { wiring, prefetch: Math.max(prefetch, batch.size), processor };
  }

  private answering(registrations: readonly Registration[]): Consuming {
    const { config, engine } = this;
    const handlers = registrations.map((one) => this.subscriberOf(one));
    const { serializer, defaultRpcErrorHandler: errorHandler } = config;
    const answering = { handlers, serializer, errorHandler };
    const processor = new RpcAnswers(answering, engine.publisher, engine.log);
    const [first, ...others] = handlers;
    if (first === undefined) throw new Error('a queue of questions without a handler');
    refuse(others.flatMap((other) => sharingProblems(first.wiring, other.wiring)));
    const places = merge(handlers.map(({ wiring }) => wiring.places ?? {}));
    const names = [first, ...others].map(({ wiring }) => wiring.name);
    const wiring: Wiring = { ...first.wiring, name: names.join(', '), places };
    return { wiring, prefetch: prefetchOf(first.options, config), processor };
  }

  private subscriberOf(registration: Registration): Subscriber {
    const { defaultSubscribeErrorBehavior, deserializer } = this.config;
    const { invoke } = registration;
    const options = { deserializer, ...registration.options };
    options.errorBehavior ??= defaultSubscribeErrorBehavior;
    return { wiring: wiringOf(registration, this.places, this.config), options, invoke };
  }

  private async declareAll(): Promise<void> {
    const { engine, places } = this;
    await engine.publishing.declare(places.all).catch((error: unknown) => {
      engine.log.error('not declared', { error: asError(error).message });
    });
  }
}

/** Of two methods that answer from one queue. */
function sharingProblems(one: Wiring, other: Wiring): Problem[] {
  if (isDeepStrictEqual(one.shape, other.shape)) return [];
  return [[`${other.name}.queueOptions`, `other than those of ${one.name}, on the same queue`]];
}
