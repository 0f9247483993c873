import { setTimeout as delay } from 'node:timers/promises';
import type { Drill } from '../drill';

const beforeAck: Drill = {
  name: 'killed-between-commit-and-ack',
  quick: true,
  async run(scene) {
    const trap = { at: 'after-commit', then: 'kill', of: 'effect', after: 10 } as const;
    const { snapped } = scene.consumer.trap(trap);
    await scene.send(100);
    await snapped;
    scene.fault();
    await scene.restartConsumer();
  },
};

const midBatch: Drill = {
  name: 'killed-mid-batch',
  flow: 'batch',
  quick: true,
  async run(scene) {
    const trap = { at: 'before-commit', then: 'kill', of: 'effect', after: 2 } as const;
    const { snapped } = scene.consumer.trap(trap);
    await scene.send(200);
    await snapped;
    scene.fault();
    await scene.restartConsumer();
  },
};

const terminated: Drill = {
  name: 'sigterm-under-load',
  quick: true,
  async run(scene) {
    await scene.addConsumer();
    await scene.underLoad(async () => {
      for (let i = 0; i < 2; i += 1) {
        const { consumer } = scene;
        // So that it has work in hand when it is told to end.
        consumer.order({ do: 'slow', ms: 100 });
        await delay(1_500);
        const how = await consumer.stop();
        scene.fault();
        if (how !== 'SIGTERM' && how !== 'exit code 0') scene.complaints.push(`SIGTERM: ${how}`);
        // Whoever ends in good order has nothing to warn of. Other libraries warn of other things.
        const [line] = scene.side.name === 'ours' ? consumer.lines : [];
        if (line !== undefined) scene.complaints.push(`SIGTERM: ${line}`);
        await scene.restartConsumer();
      }
    });
  },
};

const relayKilled: Drill = {
  name: 'killed-between-publish-and-delete',
  quick: true,
  async run(scene) {
    // Some libraries connect at the first message.
    await scene.send(20);
    await scene.settle(5_000);
    // Without an outbox the same moment is after the commit and before the publish.
    const { snapped } = scene.sender.trap(
      scene.side.name === 'ours'
        ? { at: 'before-commit', then: 'kill', of: 'relay' }
        : { at: 'after-commit', then: 'kill', of: 'effect', after: 20 },
    );
    await scene.send(500);
    await snapped;
    scene.fault();
    await scene.restartSender();
  },
};

export const processes = [beforeAck, midBatch, terminated, relayKilled];
