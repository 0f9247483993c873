import { Controller, Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ClientProxyFactory,
  Ctx,
  EventPattern,
  Payload,
  RmqContext,
  Transport,
  type ClientProxy,
} from '@nestjs/microservices';
import { Db } from '@tradepost/database';
import { lastValueFrom } from 'rxjs';
import type { Setup } from '../protocol';
import { handle, runBaseline, type BaselineJob } from './baseline';

/** Nest's RabbitMQ transport as its documentation shows it, with acknowledgements by hand. */

@Controller()
class Worker {
  constructor(private readonly db: Db) {}

  @EventPattern('do-job')
  async work(@Payload() body: BaselineJob, @Ctx() context: RmqContext): Promise<void> {
    await handle(this.db, body);
    (context.getChannelRef() as { ack(message: object): void }).ack(context.getMessage());
  }
}

let client: ClientProxy;

async function start({ role, amqpUrl }: Setup, database: DynamicModule): Promise<void> {
  const options = {
    urls: [amqpUrl],
    queue: 'drill.do-job',
    queueOptions: { durable: true },
    // Its default, false, loses every message when the broker restarts.
    persistent: true,
  };
  if (role === 'sender') {
    client = ClientProxyFactory.create({ transport: Transport.RMQ, options });
    return;
  }
  @Module({ imports: [database], controllers: [Worker] })
  class Root {}
  const app = await NestFactory.createMicroservice(Root, {
    transport: Transport.RMQ,
    // Its default, true, loses what is in hand when the process dies.
    options: { ...options, noAck: false },
    logger: ['warn', 'error'],
  });
  app.enableShutdownHooks();
  await app.listen();
}

runBaseline(start, (body) => lastValueFrom(client.emit('do-job', body), { defaultValue: 0 }));
