import { setTimeout as delay } from 'node:timers/promises';
import type { Drill } from '../drill';

const stopped: Drill = {
  name: 'database-stopped-15s',
  // Its messages wait in a retry tier of 30 s by then.
  patienceMs: 60_000,
  async run(scene) {
    const { database } = scene.servers;
    // More than it can do by then: what is in hand fails, and what waits is tried and fails.
    scene.consumer.order({ do: 'slow', ms: 300 });
    await scene.send(200);
    await scene.underLoad(async () => {
      await delay(1_000);
      await database.halt();
      scene.fault();
      scene.consumer.order({ do: 'slow', ms: 0 });
      await delay(15_000);
      await database.resume();
      await delay(1_000);
    }, 50);
  },
};

const terminated: Drill = {
  name: 'database-connections-terminated',
  quick: true,
  patienceMs: 45_000,
  async run(scene) {
    await scene.underLoad(async () => {
      for (let i = 0; i < 3; i += 1) {
        await delay(1_000);
        scene.fault(await scene.ledger.terminateOthers());
      }
    });
  },
};

export const databases = [stopped, terminated];
