import { setTimeout as delay } from 'node:timers/promises';
import type { Drill } from '../drill';

const backlogSize = 100_000;
const memoryMaxMb = 300;

const slow: Drill = {
  name: 'slow-consumer-backlog-100000',
  async run(scene) {
    let maxMb = 0;
    const watch = async () => {
      maxMb = Math.max(maxMb, (await scene.consumer.memory()) / 1e6);
    };
    scene.consumer.order({ do: 'slow', ms: 500 });
    const sending = scene.send(backlogSize);
    let depth = 0;
    const deadline = Date.now() + 120_000;
    while (depth < backlogSize * 0.95 && Date.now() < deadline) {
      await delay(1_000);
      await watch();
      depth = await scene.wire.depth(scene.queue);
    }
    await sending;
    if (depth >= backlogSize * 0.95) scene.fault();
    scene.consumer.order({ do: 'slow', ms: 0 });
    while ((await scene.wire.depth(scene.queue)) > 0 && Date.now() < deadline + 180_000) {
      await delay(1_000);
      await watch();
    }
    scene.notes.push(`consumer at most ${maxMb.toFixed(0)} MB resident`);
    if (maxMb > memoryMaxMb) scene.complaints.push(`${maxMb.toFixed(0)} MB resident`);
  },
};

export const backlogs = [slow];
