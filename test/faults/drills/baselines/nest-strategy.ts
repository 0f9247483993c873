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

const transactionsAtOnce = 8;
const transactionMax = 100;
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
  const pattern = flow === 'poison' ? 'fail-at-job' : 'do-job';
  const chunks = Array.from({ length: Math.ceil(jobs.length / transactionMax) }, (_, i) =>
    jobs.slice(i * transactionMax, (i + 1) * transactionMax),
  );
  await inParallel(chunks, transactionsAtOnce, async (chunk) => {
    const sent = db.transaction(async (tx) => {
      for (const job of chunk) {
        const body = { job, poison: flow === 'poison' };
        await addSent(tx, job, await client.emitIn(tx, pattern, body));
      }
    });
    await sent.catch(() => undefined);
  });
  return [];
});
