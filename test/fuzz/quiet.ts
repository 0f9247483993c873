import { services } from '../../apps/services';
import type { System } from './system';

interface Replay {
  id: string;
  state: string;
}

/** Ends what requests of an operator have begun: pauses and replays. */
export async function quiet(system: System): Promise<void> {
  for (const service of services) {
    const { handlers } = await system.call<{ handlers: { queue: string; paused: boolean }[] }>(
      service,
      '/ops/service',
    );
    for (const { queue, paused } of handlers) {
      if (paused) await system.call(service, '/ops/handlers/resume', { queue });
    }
    const path = '/ops/dead-letters/replays';
    const { items } = await system.call<{ items: Replay[] }>(service, path);
    for (const { id, state } of items) {
      if (state === 'running' || state === 'paused') {
        await system.call(service, `${path}/${id}/stop`, {});
      }
    }
  }
}
