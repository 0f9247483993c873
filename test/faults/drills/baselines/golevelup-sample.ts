import { RabbitMQModule } from '@golevelup/nestjs-rabbitmq';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Db } from '@tradepost/database';
import { RabbitMQModule as RuntimeModule } from '@tradepost/messaging/golevelup';
import { rabbit } from '../../../../examples/golevelup/src/options';
import { Stock } from '../../../../examples/golevelup/src/stock';
import { Warehouse } from '../../../../examples/golevelup/src/warehouse';
import type { Setup } from '../protocol';
import { retryOf, runSample, stockIn } from './sample';

async function serve(setup: Setup, database: DynamicModule): Promise<void> {
  const options = { ...rabbit, uri: setup.amqpUrl };
  const imported = setup.onRuntime
    ? RuntimeModule.forRoot({ ...options, ...retryOf(setup) })
    : RabbitMQModule.forRoot(options);
  @Module({
    imports: [database, imported],
    providers: [{ provide: Stock, inject: [Db], useFactory: stockIn }, Warehouse],
  })
  class WarehouseModule {}
  const app = await NestFactory.createApplicationContext(WarehouseModule);
  app.enableShutdownHooks();
}

runSample({
  serve,
  // To the exchange, by the key, the body alone.
  orders: ({ amqpUrl }) => ({
    urls: [amqpUrl],
    exchange: 'shop',
    exchangeType: 'topic',
    wildcards: true,
    serializer: { serialize: ({ data }: { data: unknown }) => data },
    service: 'shop',
  }),
  pattern: 'order.placed',
});
