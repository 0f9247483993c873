import { setTimeout as delay } from 'node:timers/promises';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Db } from '@tradepost/database';
import { MessagingHealth, MessagingModule, send } from '@tradepost/messaging';
import { inParallel } from '../harness/parallel';
import { addSent } from './effect-log';
import { runDrillProcess } from './drill-process';
import { subjectOf } from './library';
import type { Sending, Setup } from './protocol';

/** The handlers of a module as a service has them, or what sends to them. */

const transactionsAtOnce = 8;
const transactionMax = 500;

async function start(setup: Setup, database: DynamicModule): Promise<void> {
  const subject = subjectOf(setup.module);
  const isSender = setup.role === 'sender';
  const service = isSender ? 'drill-sender' : subject.service;
  const { amqpUrl } = setup;
  const messaging = MessagingModule.forRoot({ service, amqpUrl, database: Db, prefetch: 20 });
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

/** As services do it: the message and what it is about in one transaction. */
async function sendJobs(db: Db, { flow, jobs }: Sending, { module }: Setup): Promise<number[]> {
  const subject = subjectOf(module);
  const { contract, body } = subject[flow] ?? subject.main;
  const size = Math.min(transactionMax, Math.ceil(jobs.length / transactionsAtOnce));
  const chunks = Array.from({ length: Math.ceil(jobs.length / size) }, (_, i) =>
    jobs.slice(i * size, (i + 1) * size),
  );
  await inParallel(chunks, transactionsAtOnce, async (chunk) => {
    const sent = db.transaction(async (tx) => {
      for (const job of chunk) {
        await addSent(tx, job, await send(tx, contract, body(job)));
      }
    });
    await sent.catch(() => undefined);
  });
  // What was committed is in `drill_sent`, and what the broker confirmed left the outbox.
  return [];
}

runDrillProcess(start, sendJobs);
