import type { Db, Tx } from '@tradepost/database';
import { inParallel } from '../harness/parallel';
import { addSent } from './effect-log';
import type { Known } from './protocol';

const transactionsAtOnce = 8;
const transactionMax = 500;

/**
 * As services do it: the message and what it is about in one transaction.
 * @param send gives the message's id
 */
export async function sendJobs(
  db: Db,
  jobs: number[],
  send: (tx: Tx, job: number) => Promise<string>,
): Promise<Known> {
  const size = Math.min(transactionMax, Math.ceil(jobs.length / transactionsAtOnce));
  const chunks = Array.from({ length: Math.ceil(jobs.length / size) }, (_, i) =>
    jobs.slice(i * size, (i + 1) * size),
  );
  const committed: number[] = [];
  await inParallel(chunks, transactionsAtOnce, async (chunk) => {
    const sent = db.transaction(async (tx) => {
      for (const job of chunk) await addSent(tx, job, await send(tx, job));
    });
    await sent.then(
      () => committed.push(...chunk),
      () => undefined,
    );
  });
  // What the broker confirmed left the outbox.
  return { committed, confirmed: [] };
}
