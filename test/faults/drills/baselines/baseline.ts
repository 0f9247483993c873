import { setTimeout as delay } from 'node:timers/promises';
import type { Db } from '@tradepost/database';
import { inParallel } from '../../harness/parallel';
import { runDrillProcess, type Start } from '../drill-process';
import { addSent, doJob } from '../effect-log';
import type { Known } from '../protocol';

/** What the libraries that ours is compared with have in common. */

export interface BaselineJob {
  job: number;
  poison?: boolean;
}

// Some of these promises never settle.
const publishMs = 15_000;
const atOnce = 50;

export async function handle(db: Db, job: BaselineJob): Promise<void> {
  await db.transaction((tx) => doJob(tx, job));
}

/** @param publish resolves when the message is on its way, as the library's users await it */
export function runBaseline(start: Start, publish: (body: object) => Promise<unknown>): void {
  // The commit, and then the message: what is left to do without an outbox.
  runDrillProcess(start, async (db, { flow, jobs }) => {
    const known: Known = { committed: [], confirmed: [] };
    const sendOne = async (job: number) => {
      await db.transaction((tx) => addSent(tx, job));
      known.committed.push(job);
      const sent = publish(flow === 'poison' ? { job, poison: true } : { job }).then(() => true);
      const late = delay(publishMs, false, { ref: false });
      if (await Promise.race([sent, late])) known.confirmed.push(job);
    };
    await inParallel(jobs, atOnce, (job) => sendOne(job).catch(() => undefined));
    return known;
  });
}
