import { setTimeout as delay } from 'node:timers/promises';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Db } from '@tradepost/database';
import { MessagingHealth, MessagingModule, send } from '@tradepost/messaging';
import { runDrillProcess } from './drill-process';
import { inTurn } from './effect-log';
import { sender, sentBy, subjectOf } from './library';
import type { Setup } from './protocol';
import { sendJobs } from './send-jobs';

/** The handlers of a module as a service has them, or what sends to them. */

async function start(setup: Setup, database: DynamicModule): Promise<void> {
  const subject = subjectOf(setup.module);
  const isSender = setup.role === 'sender';
  const { amqpUrl, mode, queueReplicas } = setup;
  const messaging = MessagingModule.forRoot({
    ...{ amqpUrl, mode, queueReplicas, database: Db, prefetch: 20 },
    service: isSender ? sender : subject.service,
    sends: sentBy(subject),
  });
  const root: DynamicModule = {
    module: class Root {} as Type,
    imports: [database, messaging],
    providers: isSender ? [] : subject.providers,
  };
  const logger = ['warn', 'error', 'fatal'] as const;
  const app = await NestFactory.createApplicationContext(root, { logger: [...logger] });
  app.enableShutdownHooks();
  const health = app.get(MessagingHealth);
  while (!(await health.check()).ok) await delay(50);
}

runDrillProcess(start, async (db, { flow, jobs }, { module }) => {
  const subject = subjectOf(module);
  const { contract, body, keyOf } = subject[flow] ?? subject.main;
  return sendJobs(db, jobs, async (tx, job) => {
    if (keyOf !== undefined) await inTurn(tx);
    return send(tx, contract, body(job));
  });
});
