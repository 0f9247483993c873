import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientsModule, Transport, type MicroserviceOptions } from '@nestjs/microservices';
import { Db } from '@tradepost/database';
import { RabbitClient, RabbitStrategy } from '@tradepost/messaging/nest';
import { shipping, warehouse } from '../../../../examples/nest/src/options';
import { Stock } from '../../../../examples/nest/src/stock';
import { WarehouseController } from '../../../../examples/nest/src/warehouse.controller';
import type { Setup } from '../protocol';
import { retryOf, runSample, stockIn } from './sample';

async function serve(setup: Setup, database: DynamicModule): Promise<void> {
  const { amqpUrl, onRuntime } = setup;
  const options = { ...warehouse, urls: [amqpUrl] };
  const [name, said] = ['SHIPPING', { ...shipping, urls: [amqpUrl] }];
  const client = onRuntime
    ? ClientsModule.register([{ name, customClass: RabbitClient, options: said }])
    : ClientsModule.register([{ name, transport: Transport.RMQ, options: said }]);
  @Module({
    imports: [database, client],
    controllers: [WarehouseController],
    providers: [{ provide: Stock, inject: [Db], useFactory: stockIn }],
  })
  class WarehouseModule {}
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(
    WarehouseModule,
    onRuntime
      ? { strategy: new RabbitStrategy({ ...options, ...retryOf(setup) }) }
      : { transport: Transport.RMQ, options: { ...options, noAck: false } },
  );
  app.enableShutdownHooks();
  await app.listen();
}

runSample({
  serve,
  orders: ({ amqpUrl }) => ({ ...warehouse, urls: [amqpUrl], service: 'shop' }),
  pattern: 'order-placed',
});
