import 'reflect-metadata';
import { RabbitMQModule } from '@golevelup/nestjs-rabbitmq';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Warehouse } from './warehouse';

@Module({
  imports: [
    RabbitMQModule.forRoot({
      exchanges: [{ name: 'shop', type: 'topic' }],
      uri: process.env['AMQP_URL'] ?? 'amqp://localhost:5672',
      connectionInitOptions: { wait: false },
    }),
  ],
  providers: [Warehouse],
})
class WarehouseModule {}

async function bootstrap(): Promise<void> {
  const app = await NestFactory.createApplicationContext(WarehouseModule);
  app.enableShutdownHooks();
}

void bootstrap();
