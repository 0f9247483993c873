import { DiscoveryModule } from '@golevelup/nestjs-discovery';
import {
  Module,
  type DynamicModule,
  type FactoryProvider,
  type InjectionToken,
  type ModuleMetadata,
} from '@nestjs/common';
import { serviceDatabase } from './outbox/database';
import { ServiceDeadLetters } from './dead-letters/service-dead-letters';
import { Discovery } from './handlers/discovery';
import { MessagingHealth } from './liveness/health';
import { Messages } from './messages';
import { MessagingMetrics } from './observe/messaging-metrics';
import { messagingOptions, type MessagingOptions } from './messaging-options';
import { Replays } from './dead-letters/replays';
import { ServiceHandlers } from './observe/service-handlers';
import { Runtime } from './runtime';

interface Surroundings {
  /** Modules that provide what `inject` and `database` name, unless they are global. */
  imports?: ModuleMetadata['imports'];
  /**
   * The provider of the service's database, a `Database`. Without one there is no outbox and no
   * inbox: handlers, `ask` and `tell` work, `send` has no transaction to go with.
   */
  database?: InjectionToken;
}

export interface MessagingAsyncOptions extends Surroundings {
  inject?: FactoryProvider['inject'];
  useFactory: (...args: never[]) => MessagingOptions;
}

/** The runtime of one service. */
@Module({})
export class MessagingModule {
  static forRoot({ imports, database, ...options }: MessagingOptions & Surroundings) {
    return MessagingModule.forRootAsync({ imports, database, useFactory: () => options });
  }

  static forRootAsync(options: MessagingAsyncOptions): DynamicModule {
    const { imports = [], database, inject = [], useFactory } = options;
    return {
      module: MessagingModule,
      global: true,
      imports: [DiscoveryModule, ...imports],
      providers: [
        { provide: messagingOptions, inject, useFactory },
        database === undefined
          ? { provide: serviceDatabase, useValue: undefined }
          : { provide: serviceDatabase, useExisting: database },
        Discovery,
        Runtime,
        Messages,
        MessagingHealth,
        MessagingMetrics,
        ServiceDeadLetters,
        ServiceHandlers,
        Replays,
      ],
      exports: [
        Messages,
        MessagingHealth,
        MessagingMetrics,
        ServiceDeadLetters,
        ServiceHandlers,
        Replays,
      ],
    };
  }
}
