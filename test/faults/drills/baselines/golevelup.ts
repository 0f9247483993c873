import {
  AmqpConnection,
  RabbitMQModule,
  RabbitPayload,
  RabbitSubscribe,
} from '@golevelup/nestjs-rabbitmq';
import { Injectable, Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Db } from '@tradepost/database';
import type { Setup } from '../protocol';
import { handle, runBaseline, type BaselineJob } from './baseline';

/** @golevelup/nestjs-rabbitmq as its README shows it. */

@Injectable()
class Worker {
  constructor(private readonly db: Db) {}

  @RabbitSubscribe({ exchange: 'drill', routingKey: 'do-job', queue: 'drill.do-job' })
  async work(@RabbitPayload() body: BaselineJob): Promise<void> {
    await handle(this.db, body);
  }
}

let connection: AmqpConnection;

async function start({ role, amqpUrl }: Setup, database: DynamicModule): Promise<void> {
  const rabbit = RabbitMQModule.forRoot({
    exchanges: [{ name: 'drill', type: 'topic' }],
    uri: amqpUrl,
    connectionInitOptions: { wait: role === 'consumer' },
  });
  @Module({ imports: [database, rabbit], providers: role === 'consumer' ? [Worker] : [] })
  class Root {}
  const app = await NestFactory.createApplicationContext(Root, { logger: ['warn', 'error'] });
  app.enableShutdownHooks();
  connection = app.get(AmqpConnection);
}

runBaseline(start, (body) => connection.publish('drill', 'do-job', body));
