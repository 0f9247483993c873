import { eventually } from '@tradepost/test-kit';
import type { Drill } from './drill';

const poison: Drill = {
  name: 'poison-message',
  flow: 'poison',
  quick: true,
  dead: 5,
  async run(context) {
    await context.send(5);
    context.fault(5);
  },
};

const malformed: Drill = {
  name: 'malformed-json',
  quick: true,
  dead: 3,
  async run(context) {
    for (const content of ['{"job": 1', 'not json', '']) {
      await context.publishNonsense(Buffer.from(content));
    }
    await context.send(20);
  },
};

const wrongType: Drill = {
  name: 'field-of-wrong-type',
  quick: true,
  dead: 2,
  async run(context) {
    const fields = Object.keys(context.body(0));
    for (const wrong of [{ not: 'this' }, null]) {
      const body = Object.fromEntries(fields.map((field) => [field, wrong]));
      await context.publishNonsense(context.library.encode(body));
    }
    await context.send(20);
  },
};

const large: Drill = {
  name: 'message-of-1-mb',
  quick: true,
  async run(context) {
    for (let i = 0; i < 5; i += 1) {
      await context.publishJob({ padding: 'x'.repeat(1_000_000) });
      context.fault();
    }
    await context.send(20);
  },
};

const unroutable: Drill = {
  name: 'unroutable',
  quick: true,
  async run(context) {
    await context.consumer.stop();
    await context.client.deleteQueue(context.queue);
    await context.send(20);
    await eventually(async () => {
      const returned = await context.log.returned();
      if (returned.length === 0 && context.library.hasOutbox) throw new Error('none returned');
    });
    context.fault(20);
    await context.applyTopology();
    await context.start(context.consumer);
  },
};

export const messages = [poison, malformed, wrongType, large, unroutable];
