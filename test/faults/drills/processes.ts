import { setTimeout as delay } from 'node:timers/promises';
import type { Drill } from './drill';
import { ask, type Moment } from './protocol';

const beforeAck: Drill = {
  name: 'killed-between-commit-and-ack',
  quick: true,
  run: (context) =>
    context.killAt({ at: 'after-commit', of: 'effect', after: 10 }, context.consumer, 100),
};

const midBatch: Drill = {
  name: 'killed-mid-batch',
  flow: 'batch',
  quick: true,
  run: (context) =>
    context.killAt({ at: 'before-commit', of: 'effect', after: 2 }, context.consumer, 200),
};

const terminated: Drill = {
  name: 'sigterm-under-load',
  quick: true,
  async run(context) {
    const { onRuntime } = context.library;
    await context.addConsumer();
    await context.underLoad(async () => {
      for (const consumer of context.consumers) {
        // So that it has work in hand when SIGTERM comes.
        await ask(consumer, { do: 'slow', ms: 100 });
        await delay(1_500);
        const exit = await consumer.stop();
        context.fault();
        const isClean = exit?.signal === 'SIGTERM' || exit?.code === 0;
        if (!isClean) context.violations.push(`SIGTERM: ${exit?.signal ?? `code ${exit?.code}`}`);
        // The runtime has nothing to warn of. The others warn of other things.
        const [line] = onRuntime ? consumer.lines : [];
        if (line !== undefined) context.violations.push(`SIGTERM: ${line}`);
        await context.start(consumer);
      }
    });
  },
};

const relayKilled: Drill = {
  name: 'killed-between-publish-and-delete',
  quick: true,
  async run(context) {
    // Some libraries connect at the first message.
    await context.send(20);
    await context.settle(5_000);
    // Without an outbox the same moment is after the commit and before the publish.
    const moment: Moment = context.library.hasOutbox
      ? { at: 'before-commit', of: 'relay' }
      : { at: 'after-commit', of: 'effect', after: 20 };
    await context.killAt(moment, context.sender, 500);
  },
};

export const processes = [beforeAck, midBatch, terminated, relayKilled];
