import { setTimeout as delay } from 'node:timers/promises';
import type { Drill } from './drill';
import { ask } from './protocol';

const backlogSize = 100_000;
const fullAt = backlogSize * 0.95;
/** To fill the queue; as long again to drain it. */
const withinMs = 180_000;
const memoryMaxMb = 300;

export const backlog: Drill = {
  name: 'slow-consumer-backlog-100000',
  async run(context) {
    const { consumer, client, queue } = context;
    let maxMb = 0;
    /** Waits a second. @returns how many messages are in the queue then */
    const look = async () => {
      await delay(1_000);
      maxMb = Math.max(maxMb, (await ask<number>(consumer, { do: 'report-memory' })) / 1e6);
      return client.depth(queue);
    };
    await ask(consumer, { do: 'slow', ms: 500 });
    const sending = context.send(backlogSize);
    const deadline = Date.now() + withinMs;
    let depth = 0;
    while (depth < fullAt && Date.now() < deadline) depth = await look();
    await sending;
    if (depth >= fullAt) context.fault();
    await ask(consumer, { do: 'slow', ms: 0 });
    while ((await look()) > 0 && Date.now() < deadline + withinMs);
    context.notes.push(`consumer at most ${maxMb.toFixed(0)} MB resident`);
    if (maxMb > memoryMaxMb) context.violations.push(`${maxMb.toFixed(0)} MB resident`);
  },
};
