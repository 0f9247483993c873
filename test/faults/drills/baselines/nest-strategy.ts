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
import { runDrillProcess } from '../drill-process';
import { doJob } from '../effect-log';
import type { Setup } from '../protocol';
import { sendJobs } from '../send-jobs';
import type { BaselineJob } from './baseline';
import { retryOf } from './sample';

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

let client: RabbitClient;

async function start(setup: Setup, database: DynamicModule): Promise<void> {
  const { role, amqpUrl } = setup;
  const options = { urls: [amqpUrl], queue: 'drill.do-job', queueOptions: { durable: true } };
  const logger = ['warn', 'error', 'fatal'] as ('warn' | 'error' | 'fatal')[];
  if (role === 'sender') {
    const app = await NestFactory.createApplicationContext(database, { logger });
    client = new RabbitClient({ ...options, database: app.get(Db) });
    return client.connect();
  }
  @Module({ imports: [database], controllers: [Worker] })
  class Root {}
  const strategy = new RabbitStrategy({ ...options, ...retryOf(setup), prefetchCount: 20 });
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(Root, { strategy, logger });
  app.enableShutdownHooks();
  await app.listen();
}

runDrillProcess(start, async (db, { flow, jobs }) => {
  const poison = flow === 'poison';
  const pattern = poison ? 'fail-at-job' : 'do-job';
  return sendJobs(db, jobs, (tx, job) => client.emitIn(tx, pattern, { job, poison }));
});
