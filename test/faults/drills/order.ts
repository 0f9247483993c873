import { setTimeout as delay } from 'node:timers/promises';
import type { Drill } from './drill';

const activeKilled: Drill = {
  name: 'active-consumer-killed',
  flow: 'inOrder',
  quick: true,
  async run(context) {
    await context.addConsumer();
    await context.underLoad(async () => {
      for (const consumer of [...context.consumers, ...context.consumers]) {
        await delay(1_500);
        await consumer.kill();
        context.fault();
        await context.start(consumer);
      }
    });
  },
};

const rebalanced: Drill = {
  name: 'partitions-rebalanced',
  flow: 'inOrder',
  async run(context) {
    await context.underLoad(async () => {
      await delay(1_000);
      await context.addConsumer();
      await context.addConsumer();
      // So that partitions are handed over.
      await delay(20_000);
      for (const consumer of context.consumers.slice(0, 2)) {
        await consumer.stop();
        context.fault();
        await delay(2_000);
        await context.start(consumer);
      }
    });
  },
};

export const order = [activeKilled, rebalanced];
