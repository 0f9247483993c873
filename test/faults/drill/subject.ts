import { setTimeout as delay } from 'node:timers/promises';
import { Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Db } from '@tradepost/database';
import { MessagingHealth, MessagingModule, send } from '@tradepost/messaging';
import type { DrillSubject } from './drill-subject';
import { onOrder, readSetup, tell, type Order, type Setup } from './protocol';
import { TrappedDb } from './trapped-db';

/** A process of the drill: the handlers of a module as a service has them, or who sends to them. */

const insertSent = {
  name: 'drill-insert-sent',
  text: 'INSERT INTO drill_sent (job, message_id) VALUES ($1, $2)',
};

const transactionsAtATime = 8;

async function main(): Promise<void> {
  const setup = readSetup();
  // A path that is known at run time only.
  const { subject } = require(setup.module) as { subject: DrillSubject };
  const db = new TrappedDb({ url: setup.databaseUrl, poolMax: 20 });
  const app = await NestFactory.createApplicationContext(rootOf(setup, subject, db), {
    logger: ['warn', 'error', 'fatal'],
  });
  app.enableShutdownHooks();
  onOrder((order) => {
    db.order(order);
    if (order.do === 'send') void sendJobs(db, subject, order);
    if (order.do === 'memory') {
      void tell({ saw: 'memory', id: order.id, rss: process.memoryUsage.rss() });
    }
  });
  const health = app.get(MessagingHealth);
  while (!(await health.check()).ok) await delay(50);
  await tell({ saw: 'ready' });
}

function rootOf({ role, amqpUrl }: Setup, subject: DrillSubject, db: Db) {
  @Module({ providers: [{ provide: Db, useValue: db }], exports: [Db] })
  class Database {}
  const service = role === 'sender' ? 'drill-sender' : subject.service;
  return {
    module: class Root {} as Type,
    imports: [
      { module: Database, global: true },
      MessagingModule.forRoot({ database: Db, service, amqpUrl, prefetch: 20 }),
    ],
    providers: role === 'sender' ? [] : subject.providers,
  };
}

/** As services do it: the message and what it is about in one transaction. */
async function sendJobs(
  db: Db,
  subject: DrillSubject,
  { id, flow: name, jobs }: Order & { do: 'send' },
): Promise<void> {
  const flow = subject[name] ?? subject.main;
  const size = Math.min(500, Math.ceil(jobs.length / transactionsAtATime));
  const left = Array.from({ length: Math.ceil(jobs.length / size) }, (_, i) =>
    jobs.slice(i * size, (i + 1) * size),
  );
  const worker = async () => {
    for (let chunk = left.shift(); chunk !== undefined; chunk = left.shift()) {
      const numbers = chunk;
      const sent = db.transaction(async (tx) => {
        for (const job of numbers) {
          await tx.query(insertSent, [job, await send(tx, flow.contract, flow.body(job))]);
        }
      });
      // What did not commit was not published: `drill_sent` is the account of it.
      await sent.catch(() => undefined);
    }
  };
  await Promise.all(Array.from({ length: transactionsAtATime }, worker));
  await tell({ saw: 'sent', id, confirmed: [] });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
