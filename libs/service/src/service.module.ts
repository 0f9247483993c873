import { type DynamicModule, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Db } from '@tradepost/database';
import { MessagingModule } from '@tradepost/messaging';
import { boot } from './boot';
import { DeadLettersController } from './dead-letters.controller';
import { HealthController } from './health.controller';
import type { ConfigClass } from './read-config';
import { ServiceConfig } from './service-config';
import { ServiceLogger } from './service-logger';

export interface ServiceOptions {
  /** As the queues, the logs and the docs have it: `orders`. */
  name: string;
  config: ConfigClass;
}

/** What every service has: its config, its database, the broker, health. Injectable everywhere. */
@Module({})
export class ServiceModule implements OnApplicationShutdown {
  constructor(private readonly db: Db) {}

  static forRoot({ name, config }: ServiceOptions): DynamicModule {
    return {
      module: ServiceModule,
      global: true,
      imports: [
        MessagingModule.forRootAsync({
          inject: [ServiceConfig],
          useFactory: (values: ServiceConfig) => ({
            service: name,
            amqpUrl: values.AMQP_URL,
            prefetch: values.PREFETCH,
            // The rest is for what stops after it: requests in hand, the database.
            drainTimeoutMs: Math.round(values.SHUTDOWN_TIMEOUT_MS * 0.75),
            consumerCheckMs: values.CONSUMER_CHECK_MS,
            heldMaxMs: values.MESSAGE_HELD_MAX_MS,
          }),
        }),
      ],
      controllers: [HealthController, DeadLettersController],
      providers: [
        { provide: config, useFactory: () => ofBoot().config },
        { provide: ServiceLogger, useFactory: () => ofBoot().logger },
        ...(config === ServiceConfig ? [] : [{ provide: ServiceConfig, useExisting: config }]),
        {
          provide: Db,
          inject: [ServiceConfig],
          useFactory: ({ POSTGRES_URL, POSTGRES_POOL_MAX }: ServiceConfig) =>
            new Db({ url: POSTGRES_URL, poolMax: POSTGRES_POOL_MAX, applicationName: name }),
        },
      ],
      exports: [config, ServiceConfig, Db],
    };
  }

  // The last of all to stop: by then no handler and no request needs the database any more.
  async onApplicationShutdown(): Promise<void> {
    await this.db.close();
  }
}

function ofBoot(): { config: ServiceConfig; logger: ServiceLogger } {
  const booting = boot.getStore();
  if (!booting) throw new Error('create services with createService or runService');
  return booting;
}
