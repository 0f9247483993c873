import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@tradepost/test-kit';
import type { Drill } from '../drill';

const midHandler: Drill = {
  name: 'connection-killed-mid-handler',
  quick: true,
  async run(scene) {
    const { snapped } = scene.consumer.trap({ at: 'before-commit', then: 'hold', of: 'effect' });
    await scene.send(20);
    await snapped;
    scene.fault(await scene.wire.closeConnections());
    await delay(1_000);
    scene.consumer.order({ do: 'release' });
    await eventually(() => scene.send(20), { withinMs: 20_000 });
  },
};

const storm: Drill = {
  name: 'connections-closed-every-2s',
  async run(scene) {
    await scene.underLoad(async () => {
      for (let i = 0; i < 15; i += 1) {
        await delay(2_000);
        scene.fault(scene.tap.cut());
      }
    });
  },
};

const halfOpen: Drill = {
  name: 'link-goes-silent',
  patienceMs: 75_000,
  async run(scene) {
    await scene.underLoad(async () => {
      await delay(2_000);
      scene.fault(scene.tap.silence());
      await delay(2_000);
    });
  },
};

const cancelled: Drill = {
  name: 'consumer-cancelled',
  quick: true,
  async run(scene) {
    await scene.send(50);
    await scene.settle(10_000);
    await scene.wire.deleteQueue(scene.queue);
    scene.fault();
    await scene.send(50);
  },
};

// Up to 3.12 the broker closes the channel with 406; 4.3 cancels the consumer.
const timedOut: Drill = {
  name: 'consumer-timeout',
  patienceMs: 45_000,
  async run(scene) {
    const { broker } = scene.servers;
    const set = (timeoutMs: number, tickMs: number) =>
      broker.control(
        'eval',
        `application:set_env(rabbit, consumer_timeout, ${timeoutMs}), ` +
          `application:set_env(rabbit, channel_tick_interval, ${tickMs}).`,
      );
    await set(3_000, 1_000);
    try {
      await scene.consumer.stop();
      await scene.restartConsumer();
      const { snapped } = scene.consumer.trap({ at: 'before-commit', then: 'hold', of: 'effect' });
      await scene.send(20);
      await snapped;
      const { lines } = scene.consumer;
      const said = () => {
        if (!lines.some((line) => /406|timed? ?out|cancel/i.test(line))) throw new Error('silent');
      };
      await eventually(said, { withinMs: 15_000 }).then(
        () => scene.fault(),
        // A library that says nothing of it may have been cancelled all the same.
        () => scene.fault(scene.side.name === 'ours' ? 0 : 1),
      );
      scene.consumer.order({ do: 'release' });
      await scene.send(20);
    } finally {
      await set(1_800_000, 60_000);
    }
  },
};

const missingExchange: Drill = {
  name: 'channel-error-404',
  flow: 'fanout',
  async run(scene) {
    await scene.send(50);
    await scene.settle(10_000);
    await scene.wire.deleteExchange(scene.exchange);
    scene.fault();
    await scene.send(50);
  },
};

const otherQueue: Drill = {
  name: 'channel-error-406',
  async run(scene) {
    await scene.send(50);
    await scene.settle(10_000);
    const again = async () => {
      await scene.wire.deleteQueue(scene.queue);
      await scene.wire.declareQueue(scene.queue, { 'x-max-length': 7 });
    };
    // The consumer declares its own as soon as it is cancelled: whoever is first wins.
    await eventually(again, { withinMs: 10_000 });
    scene.fault();
    await delay(2_000);
    await scene.wire.deleteQueue(scene.queue);
    await scene.send(50);
  },
};

export const links = [
  midHandler,
  storm,
  halfOpen,
  cancelled,
  timedOut,
  missingExchange,
  otherQueue,
];
