import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientsModule, Transport, type MicroserviceOptions } from '@nestjs/microservices';
import { shipping, warehouse } from './options';
import { Stock } from './stock';
import { WarehouseController } from './warehouse.controller';

@Module({
  imports: [
    ClientsModule.register([{ name: 'SHIPPING', transport: Transport.RMQ, options: shipping }]),
  ],
  controllers: [WarehouseController],
  providers: [Stock],
})
class WarehouseModule {}

async function bootstrap(): Promise<void> {
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(WarehouseModule, {
    transport: Transport.RMQ,
    options: { ...warehouse, noAck: false },
  });
  app.enableShutdownHooks();
  await app.listen();
}

void bootstrap();
