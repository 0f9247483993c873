import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@tradepost/test-kit';
import { linkFault } from '../harness/faults';
import type { DrillContext } from './context';
import { outage, type Drill } from './drill';
import { ask } from './protocol';

/** Sends with a transaction of the consumer held before its commit. */
async function sendHeld(context: DrillContext): Promise<void> {
  const moment = { at: 'before-commit', of: 'effect' } as const;
  const held = ask(context.consumer, { do: 'hold', moment });
  await context.send(20);
  await held;
}

const midHandler: Drill = {
  name: 'connection-killed-mid-handler',
  quick: true,
  async run(context) {
    await sendHeld(context);
    context.fault(await context.client.closeConnections());
    await delay(1_000);
    await ask(context.consumer, { do: 'release' });
    await context.send(20);
  },
};

const storm: Drill = {
  name: 'connections-closed-every-2s',
  async run(context) {
    await context.underLoad(async () => {
      for (let i = 0; i < 15; i += 1) {
        await delay(2_000);
        context.fault(context.tap.cut());
      }
    });
  },
};

const silent = outage('link-goes-silent', 2_000, ({ tap }) => linkFault('dead', [tap]), {
  quietMs: 75_000,
});

/** The fault between two loads, the first of which is done by then. */
function inCalm(
  name: string,
  inject: (context: DrillContext) => Promise<void>,
  more: Partial<Drill> = {},
): Drill {
  return {
    name,
    ...more,
    async run(context) {
      await context.send(50);
      await context.settle(10_000);
      await inject(context);
      context.fault();
      await context.send(50);
    },
  };
}

const cancelled = inCalm(
  'consumer-cancelled',
  async (context) => {
    await context.client.deleteQueue(context.queue);
    await context.applyTopology();
  },
  { quick: true },
);

// Up to 3.12 the broker closes the channel with 406; 4.3 cancels the consumer.
const timedOut: Drill = {
  name: 'consumer-timeout',
  skipped: ({ hasClassicQueue }, version) =>
    hasClassicQueue && version >= '4.3' ? 'RabbitMQ 4.3 does not time it out' : undefined,
  quietMs: 45_000,
  async run(context) {
    const { consumer } = context;
    const set = (timeoutMs: number, tickMs: number) =>
      context.servers.broker.control(
        'eval',
        `application:set_env(rabbit, consumer_timeout, ${timeoutMs}), ` +
          `application:set_env(rabbit, channel_tick_interval, ${tickMs}).`,
      );
    await set(3_000, 1_000);
    try {
      await consumer.stop();
      const before = consumer.lines.length;
      await context.start(consumer);
      await sendHeld(context);
      const logged = () => {
        const lines = consumer.lines.slice(before);
        if (!lines.some((line) => /406|timed? ?out|cancel/i.test(line))) throw new Error('silent');
      };
      await eventually(logged, { withinMs: 15_000 }).then(
        () => context.fault(),
        // A library that logs nothing may have been cancelled all the same.
        () => context.fault(context.library.onRuntime ? 0 : 1),
      );
      await ask(consumer, { do: 'release' });
      await context.send(20);
    } finally {
      await set(1_800_000, 60_000);
    }
  },
};

const missingExchange = inCalm(
  'channel-error-404',
  async (context) => {
    const { client, exchange, library } = context;
    await client.deleteExchange(exchange);
    await context.applyTopology();
    await library.listener?.declare(client);
  },
  { flow: 'fanout' },
);

const otherQueue = inCalm('channel-error-406', async (context) => {
  const { client, queue } = context;
  const replace = async () => {
    await client.deleteQueue(queue);
    await client.declareQueue(queue, { 'x-max-length': 7 });
  };
  // The consumer declares its own as soon as it is cancelled: the first one wins.
  await eventually(replace, { withinMs: 10_000 });
  await delay(2_000);
  await client.deleteQueue(queue);
  await context.applyTopology();
});

export const links = [midHandler, storm, silent, cancelled, timedOut, missingExchange, otherQueue];
