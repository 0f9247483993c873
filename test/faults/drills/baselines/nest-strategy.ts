import { Controller, Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  Ctx,
  EventPattern,
  Payload,
  RmqContext,
  type MicroserviceOptions,
} from '@nestjs/microservices';
import { Db } from '@tradepost/database';
import { once } from '@tradepost/messaging';
import { messageOf, RabbitClient, RabbitStrategy } from '@tradepost/messaging/nest';
import { inParallel } from '../../harness/parallel';
import { runDrillProcess } from '../drill-process';
import { addSent, doJob } from '../effect-log';
import type { Setup } from '../protocol';
import type { BaselineJob } from './baseline';

/** The service of `nest` on the runtime. */

@Controller()
class Worker {
  constructor(private readonly db: Db) {}

  @EventPattern('fail-at-job', undefined, { retry: ['1s'] })
  async fail(@Payload() body: BaselineJob, @Ctx() context: RmqContext): Promise<void> {
    await this.work(body, context);
  }

  @EventPattern('do-job')
  async work(@Payload() body: BaselineJob, @Ctx() context: RmqContext): Promise<void> {
    await this.db.transaction(async (tx) => {
      if (await once(tx, messageOf(context))) await doJob(tx, body);
    });
  }
}

const atOnce = 50;
let client: RabbitClient;

async function start({ role, amqpUrl }: Setup, database: DynamicModule): Promise<void> {
  const options = { urls: [amqpUrl], queue: 'drill.do-job', queueOptions: { durable: true } };
  const logger = ['warn', 'error', 'fatal'] as ('warn' | 'error' | 'fatal')[];
  if (role === 'sender') {
    const app = await NestFactory.createApplicationContext(database, { logger });
    client = new RabbitClient({ ...options, database: app.get(Db) });
    return client.connect();
  }
  @Module({ imports: [database], controllers: [Worker] })
  class Root {}
  const strategy = new RabbitStrategy({ ...options, prefetchCount: 20 });
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(Root, { strategy, logger });
  app.enableShutdownHooks();
  await app.listen();
}

runDrillProcess(start, async (db, { flow, jobs }) => {
  await inParallel(jobs, atOnce, async (job) => {
    const [pattern, body] =
      flow === 'poison' ? ['fail-at-job', { job, poison: true }] : ['do-job', { job }];
    const sent = db.transaction(async (tx) => {
      await addSent(tx, job, client.emitIn(tx, pattern, body));
    });
    await sent.catch(() => undefined);
  });
  return [];
});
