import 'reflect-metadata';
import { RabbitMQModule } from '@golevelup/nestjs-rabbitmq';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { rabbit } from './options';
import { Stock } from './stock';
import { Warehouse } from './warehouse';

@Module({
  imports: [RabbitMQModule.forRoot(rabbit)],
  providers: [Stock, Warehouse],
})
class WarehouseModule {}

async function bootstrap(): Promise<void> {
  const app = await NestFactory.createApplicationContext(WarehouseModule);
  app.enableShutdownHooks();
}

void bootstrap();
