import { setTimeout as delay } from 'node:timers/promises';
import type { Db } from '@tradepost/database';
import { inParallel } from '../../harness/parallel';
import { runDrillProcess, type DrilledLibrary } from '../drill-process';

/** What the libraries that ours is compared with have in common. */
export interface Baseline extends Pick<DrilledLibrary, 'start'> {
  /** Resolves when the library has the message on its way, as its users would await it. */
  publish(body: object): Promise<unknown>;
}

export interface BaselineJob {
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

// Some of these promises never settle.
const publishMs = 15_000;
const atOnce = 50;

export async function handle(db: Db, { job, poison }: BaselineJob): Promise<void> {
  await db.transaction(async (tx) => {
    if (poison) throw new Error('poison');
    await tx.query(insertEffect, [job]);
  });
}

export function runBaseline({ start, publish }: Baseline): void {
  runDrillProcess({
    start,
    /** The commit, and then the message: what is left to do without an outbox. */
    async send(db, { flow, jobs }) {
      const confirmed: number[] = [];
      const sendOne = async (job: number) => {
        await db.transaction(async (tx) => void (await tx.query(insertSent, [job])));
        const sent = publish(flow === 'poison' ? { job, poison: true } : { job }).then(() => true);
        const late = delay(publishMs, false, { ref: false });
        if (await Promise.race([sent, late])) confirmed.push(job);
      };
      await inParallel(jobs, atOnce, (job) => sendOne(job).catch(() => undefined));
      return confirmed;
    },
  });
}
