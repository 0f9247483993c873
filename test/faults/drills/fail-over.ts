import { setTimeout as delay } from 'node:timers/promises';
import { eventually, PostgresPair } from '@tradepost/test-kit';
import type { DrillContext } from './context';
import type { Drill } from './drill';
import { goesOnAfter } from './goes-on';
import { ask } from './protocol';

const perSecond = 100;
const withinMs = 60_000;

/** Of the servers of one database the primary dies, and its replica is promoted. */
function failOver(
  name: string,
  synchronous: boolean,
  run: (context: DrillContext, pair: PostgresPair) => Promise<void>,
): Drill {
  let pair: PostgresPair;
  return {
    name,
    quick: synchronous,
    quietMs: 45_000,
    loses: !synchronous,
    // All of them go to the database by the same door.
    skipped: ({ onRuntime }) => (onRuntime ? undefined : 'not of a library'),
    database: async () => (pair = await PostgresPair.start({ synchronous })),
    run: (context) => run(context, pair),
  };
}

async function thereAndBack(context: DrillContext, pair: PostgresPair): Promise<void> {
  await context.underLoad(async () => {
    await delay(2_000);
    await goesOnAfter(context, () => pair.failOver());
    // What was the primary is a replica by then, and hears nothing of the last second.
    await pair.join();
    await pair.detach();
    await delay(1_000);
    await goesOnAfter(context, () => pair.failOver());
  }, perSecond);
}

/** Some messages are confirmed before, and have their effect in the time that is lost. */
async function withLoss(context: DrillContext, pair: PostgresPair): Promise<void> {
  const { consumer, log } = context;
  const isSent = async () => {
    if ((await log.outbox()) > 0) throw new Error('some wait in the outbox');
  };
  await ask(consumer, { do: 'slow', ms: 1_000 });
  await context.send(200);
  await eventually(isSent, { withinMs });
  await context.underLoad(async () => {
    await pair.detach();
    const { length: before } = await log.effects();
    const areDone = async () => {
      if ((await log.effects()).length === before) throw new Error('none is done');
    };
    await eventually(areDone, { withinMs });
    await delay(1_000);
    await ask(consumer, { do: 'slow', ms: 0 });
    await goesOnAfter(context, () => pair.failOver());
  }, perSecond);
}

export const failOvers = [
  failOver('database-fails-over', true, thereAndBack),
  failOver('database-fails-over-asynchronously', false, withLoss),
];
