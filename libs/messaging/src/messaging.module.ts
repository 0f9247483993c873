import { DiscoveryModule } from '@golevelup/nestjs-discovery';
import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { ServiceDeadLetters } from './dead-letters/service-dead-letters';
import { Discovery } from './discovery';
import { MessagingHealth } from './health';
import { Messages } from './messages';
import { messagingOptions, type MessagingOptions } from './messaging-options';
import { Runtime } from './runtime';

export interface MessagingAsyncOptions {
  inject?: FactoryProvider['inject'];
  useFactory: (...args: never[]) => MessagingOptions;
}

/** The runtime of one service. Needs a `Db` that is provided globally. */
@Module({})
export class MessagingModule {
  static forRoot(options: MessagingOptions): DynamicModule {
    return MessagingModule.forRootAsync({ useFactory: () => options });
  }

  static forRootAsync({ inject, useFactory }: MessagingAsyncOptions): DynamicModule {
    return {
      module: MessagingModule,
      global: true,
      imports: [DiscoveryModule],
      providers: [
        { provide: messagingOptions, inject: inject ?? [], useFactory },
        Discovery,
        Runtime,
        Messages,
        MessagingHealth,
        ServiceDeadLetters,
      ],
      exports: [Messages, MessagingHealth, ServiceDeadLetters],
    };
  }
}
