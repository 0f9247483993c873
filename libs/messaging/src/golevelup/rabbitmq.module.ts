import { DiscoveryModule } from '@golevelup/nestjs-discovery';
import {
  AmqpConnection,
  AmqpConnectionManager,
  RABBIT_CONFIG_TOKEN,
} from '@golevelup/nestjs-rabbitmq';
import { ConfigurableModuleBuilder, Module } from '@nestjs/common';
import { Discovery } from '../handlers/discovery';
import { WiringError } from '../wiring-error';
import { MessagingHealth } from '../liveness/health';
import type { RabbitMQOptions } from './config';
import { RabbitConnection } from './rabbit-connection';
import { RabbitRuntime } from './rabbit-runtime';

const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<RabbitMQOptions>({
  optionsInjectionToken: RABBIT_CONFIG_TOKEN,
})
  .setClassMethodName('forRoot')
  .build();

/** One for all modules of an application, as golevelup has it. */
@Module({ providers: [AmqpConnectionManager], exports: [AmqpConnectionManager] })
class ConnectionsModule {}

/**
 * golevelup's module on the supervised runtime: the same options, decorators and messages.
 *
 * ```ts
 * imports: [RabbitMQModule.forRoot({ uri, exchanges: [{ name: 'cats', type: 'topic' }] })]
 * ```
 */
@Module({
  imports: [DiscoveryModule, ConnectionsModule],
  providers: [
    Discovery,
    RabbitRuntime,
    {
      provide: RabbitConnection,
      inject: [RabbitRuntime],
      useFactory: ({ connection }: RabbitRuntime) => connection,
    },
    { provide: AmqpConnection, useExisting: RabbitConnection },
    {
      provide: MessagingHealth,
      inject: [RabbitRuntime],
      useFactory: ({ engine, config }: RabbitRuntime) => {
        return new MessagingHealth(engine, config.database, config);
      },
    },
  ],
  exports: [AmqpConnection, RabbitConnection, ConnectionsModule, MessagingHealth],
})
export class RabbitMQModule extends ConfigurableModuleClass {
  /** @throws WiringError: the connection is the module's own */
  static attach(): never {
    throw new WiringError('RabbitMQModule.attach is not of the runtime: use forRoot');
  }

  /** @throws WiringError: the connection is the module's own */
  static AmqpConnectionFactory(): never {
    throw new WiringError(
      'RabbitMQModule.AmqpConnectionFactory is not of the runtime: use forRoot',
    );
  }
}
