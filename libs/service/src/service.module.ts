import {
  type DynamicModule,
  Module,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
  type Provider,
  Optional,
  type Type,
} from '@nestjs/common';
import { AsyncLocalStorage } from 'node:async_hooks';
import { MODULE_METADATA } from '@nestjs/common/constants';
import { LogEntries } from '@tradepost/contracts';
import { Db } from '@tradepost/database';
import { type Contract, MessagingModule } from '@tradepost/messaging';
import { DeadLettersController } from './ops/dead-letters.controller';
import { ProcessWatch } from './ops/process-watch';
import { ReplaysController } from './ops/replays.controller';
import { ServiceController } from './ops/service.controller';
import { StepsController } from './ops/steps.controller';
import { About, RootController } from './root.controller';
import { OpenApiController, ServiceName } from './openapi.controller';
import { Drain } from './health/drain';
import { HealthController } from './health/health.controller';
import { type ConfigClass, current } from './config/read-config';
import { ServerConfig } from './config/server-config';
import { ServiceConfig } from './config/service-config';
import { LogMetrics } from './metrics/log-metrics';
import { MessagingReading } from './metrics/messaging-reading';
import { Metrics } from './metrics/metrics';
import { MetricsController } from './metrics/metrics.controller';
import { PoolMetrics } from './metrics/pool-metrics';
import { ServiceLogger } from './logging/service-logger';

export type ServiceOptions = {
  /** As in the names of queues, in logs and docs: `orders`. */
  name: string;
  /** One line, what it does: `GET /` says it. Without it something else answers there. */
  about?: string;
  /** Where its HTTP API is described: `docs/API.md#orders`. */
  api?: string;
  /** The contracts that it sends, tells and asks, for who looks at the system. */
  sends?: readonly Contract[];
} &
  /** Without a database it keeps nothing, has no outbox and no queue of its own. */
  (
    | { config: ConfigClass<ServiceConfig>; broker?: true; database?: boolean }
    /** A server that is no part of the shop: no messages, no dead letters, no topic of its logs. */
    | { config: ConfigClass; broker: false; database?: true }
  );

/** The literal addresses first: `/ops/dead-letters/:id` would take them for ids. */
const opsControllers = [
  ServiceController,
  StepsController,
  ReplaysController,
  DeadLettersController,
];

interface Boot {
  config: ServerConfig;
  logger: ServiceLogger;
}

/**
 * Config and logger of the application that is being created. A module is written before its
 * environment is known, and tests create several services, each with its own, in one process.
 */
export const bootContext = new AsyncLocalStorage<Boot>();

type ConfiguredModule = DynamicModule & { options: ServiceOptions };

/** What every service has: its config, its database, the broker, health. Injectable everywhere. */
@Module({})
export class ServiceModule implements OnModuleInit, OnModuleDestroy, OnApplicationShutdown {
  constructor(
    private readonly logger: ServiceLogger,
    @Optional() private readonly db?: Db,
  ) {}

  static forRoot(options: ServiceOptions): ConfiguredModule {
    const { name, about, api, config, broker = true, database = true } = options;
    return {
      module: ServiceModule,
      options,
      global: true,
      imports: broker ? [messagingOf(name, database, sendsOf(options))] : [],
      controllers: [
        ...(about === undefined ? [] : [RootController]),
        HealthController,
        MetricsController,
        OpenApiController,
        ...(broker && database ? opsControllers : []),
      ],
      providers: [
        ...configsOf(config),
        Drain,
        Metrics,
        ...(broker ? [MessagingReading, LogMetrics] : []),
        { provide: ServiceName, useValue: name },
        ...(about === undefined ? [] : [{ provide: About, useValue: { name, about, api } }]),
        ...(broker && database ? [ProcessWatch] : []),
        { provide: ServiceLogger, useFactory: () => booted().logger },
        ...(database ? [databaseOf(name), PoolMetrics] : []),
      ],
      exports: [Metrics, ...kindsOf(config), ...(database ? [Db] : [])],
    };
  }

  async onModuleInit(): Promise<void> {
    await this.db?.refusePooler();
  }

  // Runs first: the broker is there until what runs has ended.
  onModuleDestroy(): void {
    this.logger.close();
  }

  // Runs last: by then no handler and no request needs the database any more.
  async onApplicationShutdown(): Promise<void> {
    await this.db?.close();
  }
}

/** The options that an app's module gives to `ServiceModule.forRoot`. */
export function serviceOptionsOf(module: Type): ServiceOptions {
  const imports = (Reflect.getMetadata(MODULE_METADATA.IMPORTS, module) ?? []) as unknown[];
  const configured = imports.find(
    (one): one is ConfiguredModule => (one as DynamicModule).module === ServiceModule,
  );
  if (!configured) throw new Error(`${module.name} does not import ServiceModule.forRoot(…)`);
  return configured.options;
}

/** What it says that it sends, and its log lines, which every service tells. */
export function sendsOf({ broker = true, sends = [] }: ServiceOptions): Contract[] {
  return broker ? [...sends, LogEntries] : [];
}

function databaseOf(applicationName: string): Provider {
  return {
    provide: Db,
    inject: [ServerConfig],
    useFactory: (values: ServerConfig) =>
      new Db({
        url: current(values, 'POSTGRES_URL'),
        pooler: values.POSTGRES_POOLER,
        poolMax: values.POSTGRES_POOL_MAX,
        applicationName,
      }),
  };
}

function messagingOf(
  service: string,
  database: boolean,
  sends: readonly Contract[],
): DynamicModule {
  return MessagingModule.forRootAsync({
    ...(database && { database: Db }),
    inject: [ServiceConfig],
    useFactory: (values: ServiceConfig) => ({
      service,
      amqpUrl: current(values, 'AMQP_URL'),
      mode: values.AMQP_MODE,
      queueReplicas: values.AMQP_QUEUE_REPLICAS,
      prefetch: values.PREFETCH,
      // The rest is for what stops later: running requests, the database.
      drainTimeoutMs: Math.round(values.SHUTDOWN_TIMEOUT_MS * 0.75),
      consumerCheckMs: values.CONSUMER_CHECK_MS,
      heldMaxMs: values.MESSAGE_HELD_MAX_MS,
      sends,
    }),
  });
}

/** The config is provided as its own class, and as the base classes that libs inject. */
function configsOf(config: ConfigClass): Provider[] {
  const [own, ...bases] = kindsOf(config);
  return [
    { provide: own, useFactory: () => booted().config },
    ...bases.map((base) => ({ provide: base, useExisting: own })),
  ];
}

function kindsOf(config: ConfigClass): [own: ConfigClass, ...bases: Type[]] {
  const bases = [ServiceConfig, ServerConfig].filter(
    (base) => base !== config && config.prototype instanceof base,
  );
  return [config, ...bases];
}

function booted(): Boot {
  const booting = bootContext.getStore();
  if (!booting) throw new Error('create services with createService or runService');
  return booting;
}
