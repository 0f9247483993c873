import { setTimeout as delay } from 'node:timers/promises';
import type { Drill } from '../drill';
import type { Scene } from '../scene';

/** Takes the broker away under load (false: it could not), and gives it back after `forMs`. */
async function without(
  scene: Scene,
  {
    take,
    give,
    forMs,
  }: { take: () => Promise<unknown>; give: () => Promise<unknown>; forMs: number },
): Promise<void> {
  await scene.underLoad(async () => {
    await delay(2_000);
    if ((await take()) !== false) scene.fault();
    await delay(forMs);
    await give();
    await delay(1_000);
  });
}

const stopped: Drill = {
  name: 'broker-stopped',
  async run(scene) {
    const { broker } = scene.servers;
    await without(scene, { take: () => broker.halt(), give: () => broker.resume(), forMs: 1_000 });
  },
};

const killed: Drill = {
  name: 'broker-killed',
  async run(scene) {
    const { broker } = scene.servers;
    await without(scene, { take: () => broker.kill(), give: () => broker.resume(), forMs: 1_000 });
  },
};

const frozen: Drill = {
  name: 'broker-frozen-20s',
  patienceMs: 60_000,
  async run(scene) {
    const { broker } = scene.servers;
    await without(scene, { take: () => broker.freeze(), give: () => broker.thaw(), forMs: 20_000 });
  },
};

const alarm: Drill = {
  name: 'memory-alarm-15s',
  async run(scene) {
    const { broker } = scene.servers;
    const limit = (share: string) => broker.control('set_vm_memory_high_watermark', share);
    const take = async () => {
      await limit('0.00001');
      await delay(1_000);
      return (await broker.control('eval', 'rabbit_alarm:get_alarms().')).includes('memory');
    };
    await without(scene, { take, give: () => limit('0.4'), forMs: 15_000 });
  },
};

export const brokers = [stopped, killed, frozen, alarm];
