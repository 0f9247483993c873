import { setTimeout as delay } from 'node:timers/promises';
import { Module, type DynamicModule } from '@nestjs/common';
import { Db } from '@tradepost/database';
import { onOrder, readSetup, tell, type Order, type Setup } from '../protocol';
import { TrappedDb } from '../trapped-db';

/** What the processes of another library have in common with ours: orders, database, accounts. */

export interface Rival {
  /** Starts a consumer or a sender; resolves when it is ready. */
  start(setup: Setup, database: DynamicModule): Promise<void>;
  /** Resolves when the library says that the message is on its way, as its users would await it. */
  publish(body: object): Promise<unknown>;
}

export interface RivalJob {
  job: number;
  poison?: boolean;
}

const insertSent = {
  name: 'drill-insert-sent',
  text: 'INSERT INTO drill_sent (job) VALUES ($1)',
};

const insertEffect = {
  name: 'drill-insert-effect',
  text: 'INSERT INTO drill_effects (job) VALUES ($1)',
};

// A caller does not wait for ever; some of these promises would let it.
const publishMs = 15_000;
const atATime = 50;

export async function handle(db: Db, { job, poison }: RivalJob): Promise<void> {
  await db.transaction(async (tx) => {
    if (poison) throw new Error('poison');
    await tx.query(insertEffect, [job]);
  });
}

export async function run(rival: Rival): Promise<void> {
  const setup = readSetup();
  const db = new TrappedDb({ url: setup.databaseUrl, poolMax: 20 });
  @Module({})
  class Database {}
  const provider = { provide: Db, useValue: db };
  onOrder((order) => {
    db.order(order);
    if (order.do === 'send') void sendJobs(db, rival, order);
    if (order.do === 'memory') {
      void tell({ saw: 'memory', id: order.id, rss: process.memoryUsage.rss() });
    }
  });
  const database = { module: Database, global: true, providers: [provider], exports: [Db] };
  await rival.start(setup, database);
  await tell({ saw: 'ready' });
}

/** The commit, and then the message: what is left to do without an outbox. */
async function sendJobs(
  db: Db,
  rival: Rival,
  { id, flow, jobs }: Order & { do: 'send' },
): Promise<void> {
  const left = [...jobs];
  const confirmed: number[] = [];
  const sendOne = async (job: number) => {
    await db.transaction(async (tx) => void (await tx.query(insertSent, [job])));
    const sent = rival
      .publish(flow === 'poison' ? { job, poison: true } : { job })
      .then(() => true);
    if (await Promise.race([sent, delay(publishMs, false, { ref: false })])) confirmed.push(job);
  };
  const worker = async () => {
    for (let job = left.shift(); job !== undefined; job = left.shift()) {
      await sendOne(job).catch(() => undefined);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atATime, jobs.length) }, worker));
  await tell({ saw: 'sent', id, confirmed });
}
